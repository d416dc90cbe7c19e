import { Inject, Injectable } from '@nestjs/common';
import type { ProjectionStatus } from '#projections';
import type { Stores } from '#shared/composition/stores';
import { listProjections } from '#shared/use-cases/projections';
import { CLOCK, STORES, type Clock } from '../../platform/injection-tokens.ts';

/**
 * Reads the status of the projections. Requests that come at the same time share a read: it counts up to 10,000 events of the
 * log for each projection that is behind.
 */
@Injectable()
export class ProjectionStatuses {
  #reading: Promise<readonly ProjectionStatus[]> | null = null;

  constructor(
    @Inject(STORES) private readonly stores: Stores,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  read(): Promise<readonly ProjectionStatus[]> {
    this.#reading ??= listProjections(this.stores, this.clock()).finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }
}
