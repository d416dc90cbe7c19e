import { Inject, Injectable, Logger } from '@nestjs/common';
import type { SummaryReadModel } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { STORES, SUMMARY_READ_MODEL } from '../platform/injection-tokens.ts';

/** The checkpoint of the summaries, which follow the log on their own. */
@Injectable()
export class SummaryProgress extends ReadModelProgress {
  constructor(
    @Inject(SUMMARY_READ_MODEL) summary: SummaryReadModel,
    @Inject(STORES) { signals }: Pick<Stores, 'signals'>,
  ) {
    const logger = new Logger(SummaryProgress.name);
    super(summary, {
      moves: signals?.summary ?? null,
      onError: (message) => logger.error(message),
    });
  }
}
