import type { Aggregate, DomainEvent } from '#domain';
import type { StreamAppend } from '#event-store';
import { envelop } from '#event-store/command-handling/envelop';
import { Agenda } from './agenda.ts';
import { Random } from './random.ts';

/** Monday, 6 January 2025, 00:00 UTC. */
const START = Date.UTC(2025, 0, 6);

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** One aggregate of the history and where its stream stands. */
export interface Subject<State> {
  readonly stream: string;
  state: State;
  /** Of its last event, -1 before the first. */
  revision: number;
}

/** Who sends a command, and through which process. */
export interface Sender {
  readonly actor: string;
  /** What the command belongs to; itself by default. */
  readonly correlationId?: string;
  /** By default one that nobody has used. */
  readonly commandId?: string;
  /** How far the clock of the process is ahead, in milliseconds; 0 by default. */
  readonly skewMs?: number;
}

/** The time, the chance and the log of a history while it is being made. */
export class History {
  readonly random: Random;
  readonly agenda = new Agenda();
  /** Milliseconds since 1970. */
  now = START;
  /** True once an append did not fit into what was left: what is to come cannot be told any more. */
  isFull = false;
  readonly #length: number;
  #events = 0;
  #appends: StreamAppend[] = [];

  constructor(seed: number, length: number) {
    this.random = new Random(seed);
    this.#length = length;
  }

  /** How many events there may still be. */
  get left(): number {
    return this.#length - this.#events;
  }

  /** The part of the history that has been told, from 0 to 1. */
  get share(): number {
    return this.#events / this.#length;
  }

  at(offsetMs = 0): string {
    return new Date(this.now + offsetMs).toISOString();
  }

  plan(afterMs: number, act: () => void): void {
    this.agenda.plan(this.now + afterMs, act);
  }

  /**
   * Lets the real decider decide, and records what it decided.
   *
   * @returns whether the command was carried out: not so where its events do not fit into what is left
   * @throws DomainError where the rules refuse the command, which is a mistake of whoever tells the history
   */
  carryOut<State, Command, Event extends DomainEvent>(
    { decider, registry }: Aggregate<State, Command, Event>,
    subject: Subject<State>,
    command: Command,
    { actor, commandId = this.random.uuid(), correlationId = commandId, skewMs = 0 }: Sender,
  ): boolean {
    const decided = decider.decide(command, subject.state);
    if (decided.length === 0) return true;
    if (decided.length > this.left) {
      this.isFull = true;
      return false;
    }
    const { stream, revision } = subject;
    const context = { commandId, correlationId, actor };
    const events = envelop(decided, registry, this.at(skewMs), context);
    const expectedRevision = revision === -1 ? 'no_stream' : revision;
    this.#appends.push({ stream, expectedRevision, events });
    this.#events += events.length;
    subject.revision += events.length;
    subject.state = decided.reduce(decider.evolve, subject.state);
    return true;
  }

  /** Hands over what was recorded since the last time. */
  take(): readonly StreamAppend[] {
    const appends = this.#appends;
    this.#appends = [];
    return appends;
  }
}
