import { Inject, Injectable, Logger } from '@nestjs/common';
import type { TimelineReadModel } from '#read-model';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { TIMELINE_READ_MODEL } from '../platform/injection-tokens.ts';

/** The checkpoint of the timeline, which follows the log on its own. */
@Injectable()
export class TimelineProgress extends ReadModelProgress {
  constructor(@Inject(TIMELINE_READ_MODEL) timeline: TimelineReadModel) {
    const logger = new Logger(TimelineProgress.name);
    super(timeline, (message) => logger.error(message));
  }
}
