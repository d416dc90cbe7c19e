import { Injectable } from '@nestjs/common';
import { DomainError, isSid, serviceStream } from '#domain';
import { Aggregates } from '../infrastructure/aggregates.ts';

/**
 * Keeps Users out of Services that are not there. Looked up in the log, which knows what the read model may not
 * show yet. A User that slips into a Service at the moment of its deletion is deleted with the others.
 */
@Injectable()
export class ExistingServices {
  readonly #aggregates: Aggregates;

  constructor(aggregates: Aggregates) {
    this.#aggregates = aggregates;
  }

  /** @throws DomainError `SERVICE.NOT_FOUND` */
  async assertExists(serviceSid: string): Promise<void> {
    if (isSid('IS', serviceSid)) {
      const { state } = await this.#aggregates.services.load(serviceStream(serviceSid));
      if (state.status === 'active') return;
    }
    throw new DomainError('SERVICE.NOT_FOUND', 'Service not found');
  }
}
