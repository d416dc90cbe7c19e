import { Inject, Injectable, Logger } from '@nestjs/common';
import type { TimelineReadModel } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { STORES, TIMELINE_READ_MODEL } from '../platform/injection-tokens.ts';

/** The checkpoint of the timeline, which follows the log on its own. */
@Injectable()
export class TimelineProgress extends ReadModelProgress {
  constructor(
    @Inject(TIMELINE_READ_MODEL) timeline: TimelineReadModel,
    @Inject(STORES) { signals }: Pick<Stores, 'signals'>,
  ) {
    const logger = new Logger(TimelineProgress.name);
    super(timeline, {
      moves: signals?.timeline ?? null,
      onError: (message) => logger.error(message),
    });
  }
}
