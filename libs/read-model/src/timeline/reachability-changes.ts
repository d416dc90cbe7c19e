import type { Position } from '#event-store';
import type { Checkpoint } from '#projections';
import { answerFor, type ReachabilityAnswer } from '../users/answer.ts';
import type { FactCause, ServiceFact, UserFact } from './timeline-state.ts';
import { valueAt } from './value-at.ts';

/** A change of the answer about one User. */
export interface AnswerChange {
  readonly kind: 'user';
  /** Position of the event that made the change: the version of the answer from there on. */
  readonly position: Position;
  /** Effective time of the event, ISO 8601. */
  readonly at: string;
  readonly sid: string;
  readonly identity: string;
  /** Null from the deletion of the User until its next creation. */
  readonly answer: ReachabilityAnswer | null;
  readonly cause: FactCause;
}

/**
 * A change of a Service's flag: from here on both values of every User are null until its next change. Or the deletion of
 * the Service, which is its last change.
 */
export interface FlagChange {
  readonly kind: 'service';
  readonly position: Position;
  readonly at: string;
  readonly reachabilityEnabled: boolean;
  readonly deleted: boolean;
  readonly cause: FactCause;
}

export type ReachabilityChange = AnswerChange | FlagChange;

/** Changes of a Service and its Users, in log order. */
export interface ChangesPage {
  readonly changes: readonly ReachabilityChange[];
  /** Every change up to here is on this page or before it. Null while nothing was projected. */
  readonly position: Position | null;
  /** Whether more changes are known already. */
  readonly hasMore: boolean;
  /**
   * Another number than on the page before means that changes were added to the past: an event that could not be read at
   * first was folded later.
   */
  readonly generation: number;
}

/** Facts of one snapshot, from which to make a page. */
export interface ChangeFacts {
  readonly checkpoint: Checkpoint;
  /** The Service's flag before the page; null before its creation. */
  readonly service: ServiceFact | null;
  /** At most `limit` changes of the flag, in log order. */
  readonly flags: readonly ServiceFact[];
  /** At most `limit` facts that changed the value of a User, in log order. */
  readonly users: readonly NamedFact[];
  readonly limit: number;
}

export interface NamedFact {
  readonly identity: string;
  readonly fact: UserFact;
}

/** Returns the page of changes that facts make: those of Users and those of the Service, merged in log order. */
export function toChangesPage(facts: ChangeFacts): ChangesPage {
  const { checkpoint, limit } = facts;
  // The id of an event is known with its position, which is never between two events.
  const end = checkpoint.lastEvent?.position ?? checkpoint.position;
  const ends = [
    lastOf(facts.flags, limit),
    lastOf(
      facts.users.map(({ fact }) => fact),
      limit,
    ),
  ]
    .filter((position) => position !== null)
    .toSorted();
  const [position = end] = ends;
  return {
    changes: position === null ? [] : merge(facts, position),
    position,
    hasMore: ends.length > 0,
    generation: checkpoint.generation,
  };
}

/** Position up to which facts are known; null if that is the checkpoint. */
function lastOf(facts: readonly { readonly position: Position }[], limit: number): Position | null {
  return facts.length < limit ? null : (facts.at(-1)?.position ?? null);
}

function merge(
  { service: before, flags, users }: ChangeFacts,
  end: Position,
): ReachabilityChange[] {
  const changes: ReachabilityChange[] = [];
  let service = before;
  let next = 0;
  const takeFlags = (until: Position): void => {
    for (let flag = flags[next]; flag !== undefined; flag = flags[next]) {
      if (flag.position > until) return;
      if (flag.cause.type !== 'ServiceCreated') changes.push(flagChange(flag));
      service = flag;
      next += 1;
    }
  };
  for (const { identity, fact } of users) {
    if (fact.position > end) break;
    takeFlags(fact.position);
    if (service !== null && !service.deleted) changes.push(answerChange(identity, fact, service));
  }
  takeFlags(end);
  return changes;
}

function flagChange(fact: ServiceFact): FlagChange {
  const { position, at, deleted, cause } = fact;
  const reachabilityEnabled = fact.reachabilityEnabled && !deleted;
  return { kind: 'service', position, at, reachabilityEnabled, deleted, cause };
}

function answerChange(identity: string, fact: UserFact, service: ServiceFact): AnswerChange {
  const { position, at, userSid: sid, cause } = fact;
  const answer = valueAt(fact, service) === null ? null : answerFor(fact, service);
  return { kind: 'user', position, at, sid, identity, answer, cause };
}
