import { Inject, Injectable } from '@nestjs/common';
import type { TimelineReadModel } from '#read-model';
import { ReadModelProgress } from './read-model-progress.ts';
import { TIMELINE_READ_MODEL } from '../platform/injection-tokens.ts';

/** The same for the timeline, which follows the log on its own. */
@Injectable()
export class TimelineProgress extends ReadModelProgress {
  constructor(@Inject(TIMELINE_READ_MODEL) timeline: TimelineReadModel) {
    super(timeline);
  }
}
