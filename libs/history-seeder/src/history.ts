import type { Aggregate, DomainEvent } from '#domain';
import { toNewEvents, type StreamAppend } from '#event-store';
import { Agenda } from './agenda.ts';
import { Random } from './random.ts';

/** Monday, 6 January 2025, 00:00 UTC. */
const START = Date.UTC(2025, 0, 6);

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** One aggregate of the history, with the state and revision of its stream. */
export interface Subject<State> {
  readonly stream: string;
  state: State;
  /** Revision of the last event, -1 before the first. */
  revision: number;
}

/** Sender of a command: actor, ids, and the clock of the process. */
export interface Sender {
  readonly actor: string;
  /** The command id by default. */
  readonly correlationId?: string;
  /** A new id by default. */
  readonly commandId?: string;
  /** Milliseconds by which the clock of the process is ahead; 0 by default. */
  readonly skewMs?: number;
}

/** Clock, random numbers, agenda and log of a history that is being generated. */
export class History {
  readonly random: Random;
  readonly agenda = new Agenda();
  /** Milliseconds since 1970. */
  now = START;
  /** True once an append did not fit into the remaining length: the generator stops then. */
  isFull = false;
  readonly #length: number;
  #events = 0;
  #appends: StreamAppend[] = [];

  constructor(seed: number, length: number) {
    this.random = new Random(seed);
    this.#length = length;
  }

  /** Number of events that may still be appended. */
  get remaining(): number {
    return this.#length - this.#events;
  }

  /** Share of the events that have been generated, from 0 to 1. */
  get progress(): number {
    return this.#events / this.#length;
  }

  /** Current time of the history plus an offset, ISO 8601. */
  timestamp(offsetMs = 0): string {
    return new Date(this.now + offsetMs).toISOString();
  }

  schedule(afterMs: number, act: () => void): void {
    this.agenda.schedule(this.now + afterMs, act);
  }

  /**
   * Executes a command with the real decider, and appends its events.
   *
   * @returns false if the events do not fit into the remaining length, and the command was not executed
   * @throws DomainError when the aggregate rejects the command, which is a bug of the generator
   */
  execute<State, Command, Event extends DomainEvent>(
    { decider, registry }: Aggregate<State, Command, Event>,
    subject: Subject<State>,
    command: Command,
    { actor, commandId = this.random.uuid(), correlationId = commandId, skewMs = 0 }: Sender,
  ): boolean {
    const decided = decider.decide(command, subject.state);
    if (decided.length === 0) return true;
    if (decided.length > this.remaining) {
      this.isFull = true;
      return false;
    }
    const { stream, revision } = subject;
    const context = { commandId, correlationId, actor };
    const events = toNewEvents(decided, registry, this.timestamp(skewMs), context);
    const expectedRevision = revision === -1 ? 'no_stream' : revision;
    this.#appends.push({ stream, expectedRevision, events });
    this.#events += events.length;
    subject.revision += events.length;
    subject.state = decided.reduce(decider.evolve, subject.state);
    return true;
  }

  /** Returns the appends since the last call. */
  takeAppends(): readonly StreamAppend[] {
    const appends = this.#appends;
    this.#appends = [];
    return appends;
  }
}
