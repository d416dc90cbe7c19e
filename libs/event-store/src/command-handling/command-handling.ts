import { DomainError, type Aggregate, type DomainEvent } from '#domain';
import type { NewEvent } from '../envelope.ts';
import { EventStoreUnavailableError, WrongExpectedRevisionError } from '../errors.ts';
import type { EventStore } from '../event-store.ts';
import type { Position } from '../position.ts';
import { appendReliably } from './append-reliably.ts';
import type { CommandContext } from './command-context.ts';
import { envelop } from './envelop.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { backOff, DEFAULT_RETRY, type RetryPolicy } from './retry.ts';
import { remember, type StreamState } from './stream-state.ts';
import { StreamStates, type StreamStatesOptions } from './stream-states.ts';

/** What came of a command. */
export interface CommandResult<State> {
  /** The aggregate after the command. */
  readonly state: State;
  /** What was appended; empty where the command changed nothing, or had been handled before. */
  readonly appended: readonly NewEvent[];
  /** Place of the stream's last event: a read that has reached it sees the command's effect. */
  readonly position: Position | null;
}

export interface CommandHandlingOptions extends StreamStatesOptions {
  readonly retry?: RetryPolicy;
}

/**
 * Load, decide, append with the expected revision; on a conflict with another writer start over; an append of
 * unknown outcome is repeated unchanged. A command costs the same whatever the length of its stream: it finds
 * the state in memory, or reads a snapshot and at most `snapshotEvery` events.
 */
export class CommandHandling<State, Command, Event extends DomainEvent> {
  readonly #aggregate: Aggregate<State, Command, Event>;
  readonly #store: EventStore;
  readonly #clock: () => Date;
  readonly #states: StreamStates<State, Command, Event>;
  readonly #retry: RetryPolicy;
  readonly #queue = new KeyedQueue();

  constructor(
    aggregate: Aggregate<State, Command, Event>,
    store: EventStore,
    clock: () => Date,
    options: CommandHandlingOptions = {},
  ) {
    this.#aggregate = aggregate;
    this.#store = store;
    this.#clock = clock;
    this.#states = new StreamStates(aggregate, store, options);
    this.#retry = options.retry ?? DEFAULT_RETRY;
  }

  /**
   * Carries out one command on one stream. Commands on a stream run one after another within this process.
   *
   * @throws DomainError where the rules refuse it
   * @throws EventStoreError where the store stays unreachable, or the stream contended, through every retry
   */
  handle(stream: string, command: Command, context: CommandContext): Promise<CommandResult<State>> {
    return this.#queue.run(stream, () => this.#handle(stream, command, context));
  }

  /** A stream folded to its end. */
  load(stream: string): Promise<StreamState<State>> {
    return this.#states.load(stream);
  }

  /**
   * To be called before commands on many streams are handled side by side: what each would read alone is read for
   * all of them together. It changes nothing but the cost; the commands may be on no more streams than are kept in
   * memory.
   *
   * @throws EventStoreError
   */
  preload(streams: readonly string[]): Promise<void> {
    return this.#states.preload(streams);
  }

  async #handle(
    stream: string,
    command: Command,
    context: CommandContext,
  ): Promise<CommandResult<State>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        // A retry reads the log first: what is in memory has just lost to another writer, or is of unknown age.
        const result = attempt === 1 ? await this.#tryFromCache(stream, command, context) : null;
        return result ?? (await this.#tryFrom(await this.load(stream), stream, command, context));
      } catch (error) {
        if (!isRetryable(error) || attempt >= this.#retry.attempts) throw error;
        await backOff(this.#retry, attempt);
      }
    }
  }

  /**
   * Decides on the state in memory, which another process may have outrun. The expected revision catches that
   * for a decision that appends; one that refuses or changes nothing is not trusted and gives null.
   */
  async #tryFromCache(
    stream: string,
    command: Command,
    context: CommandContext,
  ): Promise<CommandResult<State> | null> {
    const cached = this.#states.remembered(stream);
    if (cached === undefined) return null;
    try {
      const result = await this.#tryFrom(cached, stream, command, context);
      return result.appended.length === 0 ? null : result;
    } catch (error) {
      if (error instanceof DomainError || error instanceof WrongExpectedRevisionError) return null;
      throw error;
    }
  }

  async #tryFrom(
    before: StreamState<State>,
    stream: string,
    command: Command,
    context: CommandContext,
  ): Promise<CommandResult<State>> {
    if (before.commands.includes(context.commandId)) return unchanged(before);
    const { decider } = this.#aggregate;
    const events = decider.decide(command, before.state);
    if (events.length === 0) return unchanged(before);
    const occurredAt = this.#clock().toISOString();
    const appended = envelop(events, this.#aggregate.registry, occurredAt, context);
    const result = await appendReliably(
      this.#store,
      { stream, expectedRevision: before.revision, events: appended },
      this.#retry,
    );
    const after: StreamState<State> = {
      state: events.reduce(decider.evolve, before.state),
      revision: result.revision,
      position: result.position,
      commands: remember(before.commands, context.commandId),
      unsaved: before.unsaved + events.length,
    };
    this.#states.keep(stream, after);
    return { state: after.state, appended, position: after.position };
  }
}

function unchanged<State>({ state, position }: StreamState<State>): CommandResult<State> {
  return { state, position, appended: [] };
}

function isRetryable(error: unknown): boolean {
  return error instanceof WrongExpectedRevisionError || error instanceof EventStoreUnavailableError;
}
