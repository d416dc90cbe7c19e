import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { EventStore } from '#event-store';
import type { TimelineReadModel } from '#read-model';
import { invalidParameter } from '#twilio-wire/twilio-error';
import { READ_MODEL_WAIT_MS } from '#shared/use-cases/written';
import { READ_MODEL_HEADER } from '../../platform/http/reads-after-writes.ts';
import { TimelineProgress } from '../timeline-progress.ts';
import {
  CLOCK,
  EVENT_STORE,
  TIMELINE_READ_MODEL,
  type Clock,
} from '../../platform/injection-tokens.ts';

/** Clocks of clients differ from ours: so far ahead still means now, in milliseconds. */
const CLOCK_DIFFERENCE_MS = 60_000;

/** Holds a question about the past until the timeline can answer it. */
@Injectable()
export class TimelineFreshness {
  readonly #events: EventStore;
  readonly #timeline: TimelineReadModel;
  readonly #progress: TimelineProgress;
  readonly #clock: Clock;

  constructor(
    @Inject(EVENT_STORE) events: EventStore,
    @Inject(TIMELINE_READ_MODEL) timeline: TimelineReadModel,
    progress: TimelineProgress,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#events = events;
    this.#timeline = timeline;
    this.#progress = progress;
    this.#clock = clock;
  }

  /**
   * Waits until the timeline holds all that counts at a moment or before. Nothing that is still to come can count
   * at a time that the timeline has passed.
   *
   * @param at ISO 8601, UTC with milliseconds
   * @throws TwilioError where the moment is still to come
   */
  async settleAt(at: string, reply: FastifyReply): Promise<void> {
    if (Date.parse(at) > this.#clock().getTime() + CLOCK_DIFFERENCE_MS) {
      throw invalidParameter('AsOf must not be in the future');
    }
    const { effectiveAt } = await this.#timeline.checkpoint();
    if ((effectiveAt ?? '') <= at) await this.settle(reply);
  }

  /** Waits until the timeline holds all that the log holds now; says so in a header when that takes too long. */
  async settle(reply: FastifyReply): Promise<void> {
    const head = await this.#events.head();
    const visible = await this.#progress.waitFor(head, READ_MODEL_WAIT_MS);
    if (!visible) void reply.header(READ_MODEL_HEADER, 'behind');
  }
}
