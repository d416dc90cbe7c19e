import { Inject, Injectable } from '@nestjs/common';
import type { EventStore } from '#event-store';
import type { HistoryInterval, Page, PageRequest, PastUser, TimelineReadModel } from '#read-model';
import { RefusedError } from '#shared/use-cases/refused-error';
import { waitUntilVisible } from '#shared/use-cases/written';
import {
  CLOCK,
  EVENT_STORE,
  TIMELINE_READ_MODEL,
  type Clock,
} from '../../platform/injection-tokens.ts';
import { TimelineProgress } from '../timeline-progress.ts';

/** Milliseconds by which the clock of a client may be ahead of this one: a moment within them means now. */
const CLOCK_DIFFERENCE_MS = 60_000;

/** A time after every effective time. */
const END_OF_TIME = '9999-12-31T23:59:59.999Z';

/** What the timeline says, and whether it says so without all events that count. */
export interface TimelineAnswer<T> {
  readonly found: T | null;
  readonly isBehind: boolean;
}

/** Reads the timeline once it holds all events that count for the answer, or after a time-out. */
@Injectable()
export class TimelineReader {
  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(TIMELINE_READ_MODEL) private readonly timeline: TimelineReadModel,
    private readonly progress: TimelineProgress,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * A User as it was at a moment; as it is, if the moment is now. No later event can count for a moment that the
   * timeline has passed, so only a moment after that waits.
   *
   * @param at ISO 8601, UTC with milliseconds; null for the present
   * @throws RefusedError where the moment is in the future
   */
  async asOf(
    serviceSid: string,
    userSid: string,
    at: string | null,
  ): Promise<TimelineAnswer<PastUser>> {
    const upTo = at === null ? END_OF_TIME : this.#upTo(at);
    const { effectiveAt } = await this.timeline.checkpoint();
    const isBehind = (effectiveAt ?? '') <= upTo && (await this.#isBehind());
    return { found: await this.timeline.asOf(serviceSid, userSid, upTo), isBehind };
  }

  /** The clocks of writers may be ahead of this one: what they wrote up to now is part of the present. */
  #upTo(at: string): string {
    const ahead = Date.parse(at) - this.clock().getTime();
    if (ahead > CLOCK_DIFFERENCE_MS) throw new RefusedError('AsOf must not be in the future');
    return ahead >= 0 ? END_OF_TIME : at;
  }

  /** Intervals of a User, newest first. */
  async history(
    serviceSid: string,
    userSid: string,
    page: PageRequest,
  ): Promise<TimelineAnswer<Page<HistoryInterval>>> {
    const isBehind = await this.#isBehind();
    return { found: await this.timeline.history(serviceSid, userSid, page), isBehind };
  }

  /** Waits for the current head of the log; true where that takes too long. */
  async #isBehind(): Promise<boolean> {
    const position = await this.events.head();
    return !(await waitUntilVisible(this.progress, { position }));
  }
}
