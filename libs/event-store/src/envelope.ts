import type { Position } from './position.ts';

/** Which command and actor produced an event, and when. */
export interface EventMetadata {
  /** ISO 8601 with milliseconds, from the writer's clock. */
  readonly occurredAt: string;
  /** Id of the request or session, shared by all its commands. */
  readonly correlationId: string;
  /** Id of the command that produced the event. */
  readonly causationId: string;
  /** `key:<SK or AC sid>`, `identity:<identity>`, `node:<id>`, `worker` or `cli:<user of the operating system>`. */
  readonly actor: string;
  /**
   * Where the command came from: the IP address of a REST client, or the name of the machine on which the CLI ran.
   * Left out for sockets and workers. See docs/decisions/0042.
   */
  readonly source?: string;
  /**
   * Trace in which the command was handled, as W3C Trace Context writes it: the trace id, `-`, and two hex digits of flags.
   * Only where the caller named the trace, or the process recorded it. See docs/decisions/0058.
   */
  readonly trace?: string;
  /**
   * ISO 8601 with milliseconds, by the store's clock. Only where the writer's clock was ahead of it by more than the
   * bound: the event counts as of this time. See docs/decisions/0034.
   */
  readonly recordedAt?: string;
}

/** An event to append. */
export interface NewEvent {
  /** UUID. An append repeated with the same ids and expected revision writes nothing twice. */
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: object;
  readonly metadata: EventMetadata;
}

/** An event as it is in the log, before upcasting. */
export interface RecordedEvent extends NewEvent {
  readonly stream: string;
  /** Zero-based index in its stream. */
  readonly revision: number;
  readonly position: Position;
}
