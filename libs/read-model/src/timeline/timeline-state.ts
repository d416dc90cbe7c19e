import type { CloseCause, ServiceEvent, UserEvent } from '#domain';
import type { Position } from '#event-store';
import type { AnswerService, AnswerUser } from '../users/answer.ts';
import type { NodeRow, ServiceRow, UserRow } from '../users/users-state.ts';

/** What the event that made a fact says of why: null where its type has nothing of the kind. */
export interface FactCause {
  readonly type: UserEvent['type'] | ServiceEvent['type'];
  /** The Connection or the Binding that the event is about. */
  readonly subjectSid: string | null;
  readonly deviceId: string | null;
  readonly closeCause: CloseCause | null;
  /** Of a closed Connection: the last moment at which its client was known to be there. */
  readonly lastSeenAt: string | null;
  readonly actor: string;
}

/** A User from one event on, until its next fact: what its answers rest on. Never changed once written. */
export interface UserFact extends AnswerUser {
  readonly kind: 'user';
  readonly userSid: string;
  /** Place of the event. */
  readonly position: Position;
  /** Effective time of the event, ISO 8601. */
  readonly at: string;
  /** False from the deletion of the User to its next creation. */
  readonly exists: boolean;
  /** Place of the User's fact before this one, null before the first. */
  readonly previous: Position | null;
  /** Place of the User's latest fact, this one included, at which its value changed. */
  readonly turn: Position;
  /** How many facts of the User there were up to here, this one included. */
  readonly ordinal: number;
  readonly cause: FactCause;
}

/** A Service from one event on: its flag and what else an answer shows of it. Never changed once written. */
export interface ServiceFact extends AnswerService {
  readonly kind: 'service';
  readonly serviceSid: string;
  readonly position: Position;
  readonly at: string;
  readonly graceSeconds: number;
  readonly deleted: boolean;
  readonly cause: FactCause;
}

/** Facts made since a state was last written, the newest first. */
export type UnwrittenFacts<Fact> = {
  readonly fact: Fact;
  readonly older: UnwrittenFacts<Fact>;
} | null;

/** A User to fold on: what the present makes of it, and where its facts end. Outlives the User's deletion. */
export interface TimelineUser {
  readonly kind: 'user';
  readonly sid: string;
  readonly serviceSid: string;
  readonly identity: string;
  /** As the `users` projection has it, without the profile; null while the User does not exist. */
  readonly row: UserRow | null;
  readonly latest: Position;
  readonly turn: Position;
  readonly ordinal: number;
  readonly fresh: UnwrittenFacts<UserFact>;
}

export interface TimelineService {
  readonly kind: 'service';
  readonly row: ServiceRow;
  readonly fresh: UnwrittenFacts<ServiceFact>;
}

export interface TimelineNode {
  readonly kind: 'node';
  readonly row: NodeRow;
}

export type TimelineState = TimelineUser | TimelineService | TimelineNode;
