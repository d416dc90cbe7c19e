import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { resolveUserSid } from '#domain';
import type { EventStore } from '#event-store';
import { answerFor, explainUser, readHistory, type Evidence, type PastUser } from '#read-model';
import { EVENT_STORE } from '../../platform/injection-tokens.ts';
import { ownTurn } from '../../platform/own-turn.ts';
import { TimelineReader, type TimelineAnswer } from './timeline-reader.ts';

/** A User as it was at a moment, and the events that made it so. */
export interface ExplainedUser {
  readonly past: PastUser;
  readonly evidence: readonly Evidence[];
}

/** Explains the answer about a User as it is, or as it was at a moment; nothing is found where there was no such User. */
export class ExplainReachability extends Query<TimelineAnswer<ExplainedUser>> {
  constructor(
    readonly serviceSid: string,
    readonly sidOrIdentity: string,
    /** ISO 8601, UTC with milliseconds; null for the present. */
    readonly at: string | null,
  ) {
    super();
  }
}

@QueryHandler(ExplainReachability)
export class ExplainReachabilityHandler implements IQueryHandler<ExplainReachability> {
  constructor(
    private readonly timeline: TimelineReader,
    @Inject(EVENT_STORE) private readonly events: Pick<EventStore, 'readStream'>,
  ) {}

  async execute(query: ExplainReachability): Promise<TimelineAnswer<ExplainedUser>> {
    const { serviceSid, sidOrIdentity, at } = query;
    const userSid = resolveUserSid(serviceSid, sidOrIdentity);
    const { found: past, isBehind } = await this.timeline.asOf(serviceSid, userSid, at);
    if (past === null) return { found: null, isBehind };
    const subject = { serviceSid, userSid };
    const history = await readHistory(this.events, subject);
    // No event between the answer's version and the moment changed the answer, whatever the clocks of writers said.
    const { position } = answerFor(past.user, past.service);
    const explanation = await explainUser(history, subject, { position }, ownTurn);
    const evidence = explanation.kind === 'explained' ? explanation.events : [];
    return { found: { past, evidence }, isBehind };
  }
}
