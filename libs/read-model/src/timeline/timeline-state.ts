import type { CloseCause, ServiceEvent, UserEvent } from '#domain';
import type { Position } from '#event-store';
import type { AnswerService, AnswerUser } from '../users/answer.ts';
import type { NodeRow, ServiceRow, UserRow } from '../users/users-state.ts';

/** The event that made a fact. Fields are null if its type does not have them. */
export interface FactCause {
  readonly type: UserEvent['type'] | ServiceEvent['type'];
  /** The Connection or the Binding that the event is about. */
  readonly subjectSid: string | null;
  readonly deviceId: string | null;
  readonly closeCause: CloseCause | null;
  /** When the client of a closed Connection was last seen. */
  readonly lastSeenAt: string | null;
  readonly actor: string;
}

/** The inputs of a User's answers from one event until its next fact. Immutable once written. */
export interface UserFact extends AnswerUser {
  readonly kind: 'user';
  readonly userSid: string;
  readonly serviceSid: string;
  /** Position of the event. */
  readonly position: Position;
  /** Effective time of the event, ISO 8601. */
  readonly at: string;
  /** False from the deletion of the User until its next creation. */
  readonly exists: boolean;
  /** Position of the User's previous fact; null for the first. */
  readonly previous: Position | null;
  /** Position of the latest fact, up to this one, that changed the User's value. */
  readonly valueChange: Position;
  /** Number of the User's facts up to this one. */
  readonly ordinal: number;
  readonly cause: FactCause;
}

/** The flag of a Service and other inputs of answers from one event on. Immutable once written. */
export interface ServiceFact extends AnswerService {
  readonly kind: 'service';
  readonly serviceSid: string;
  readonly position: Position;
  readonly at: string;
  readonly graceSeconds: number;
  readonly deleted: boolean;
  readonly cause: FactCause;
}

/** Facts that are not written yet, newest first. */
export type UnwrittenFacts<Fact> = {
  readonly fact: Fact;
  readonly older: UnwrittenFacts<Fact>;
} | null;

/** The fold state of a User: its current row and its latest facts. Remains after the User's deletion. */
export interface TimelineUser {
  readonly kind: 'user';
  readonly sid: string;
  readonly serviceSid: string;
  readonly identity: string;
  /** The row of the `users` projection without the profile; null while the User does not exist. */
  readonly row: UserRow | null;
  /** Position of the User's first fact. */
  readonly first: Position;
  readonly latest: Position;
  /** The `valueChange` of the latest fact. Tables store it under this name, as they do that of a fact. */
  readonly turn: Position;
  readonly ordinal: number;
  readonly unwritten: UnwrittenFacts<UserFact>;
}

export interface TimelineService {
  readonly kind: 'service';
  readonly row: ServiceRow;
  readonly unwritten: UnwrittenFacts<ServiceFact>;
}

interface TimelineNode {
  readonly kind: 'node';
  readonly row: NodeRow;
}

export type TimelineState = TimelineUser | TimelineService | TimelineNode;
