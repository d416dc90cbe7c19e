import { Inject, Injectable } from '@nestjs/common';
import type { IdempotencyStore, SharedClock } from '#operational-state';
import { Settings } from '#shared/settings/settings';
import { BackgroundLoop } from '../platform/background-loop.ts';
import { IDEMPOTENCY_STORE, SHARED_CLOCK } from '../platform/injection-tokens.ts';

const PAUSE_MS = 60_000;
/** Small, because other writers wait for the file meanwhile. */
const BATCH = 1_000;

/** Deletes expired idempotency records. It can run in several workers. */
@Injectable()
export class IdempotencyPruner extends BackgroundLoop {
  constructor(
    @Inject(Settings) settings: Pick<Settings, 'ROLE'>,
    @Inject(IDEMPOTENCY_STORE) private readonly store: IdempotencyStore,
    @Inject(SHARED_CLOCK) private readonly clock: SharedClock,
  ) {
    super({
      name: 'Deleting expired idempotency records',
      pauseMs: PAUSE_MS,
      isEnabled: settings.ROLE !== 'api',
    });
  }

  async runOnce(): Promise<'more' | 'idle'> {
    const pruned = await this.store.prune(await this.clock(), BATCH);
    return pruned === BATCH ? 'more' : 'idle';
  }
}
