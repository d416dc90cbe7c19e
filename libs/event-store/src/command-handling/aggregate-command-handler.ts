import { DomainError, type Aggregate, type DomainEvent } from '#domain';
import type { NewEvent } from '../envelope.ts';
import { EventStoreUnavailableError, WrongExpectedRevisionError } from '../errors.ts';
import type { EventStore } from '../event-store.ts';
import type { Position } from '../position.ts';
import { appendReliably } from './append-reliably.ts';
import { toNewEvents, type CommandContext } from './to-new-events.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { Patience } from './patience.ts';
import { backOff, DEFAULT_RETRY, type RetryPolicy } from './retry.ts';
import { addCommandId, type StreamState } from './stream-state.ts';
import { StreamCache, type StreamCacheOptions } from './stream-cache.ts';

/** Result of a command. */
export interface CommandResult<State> {
  /** The aggregate after the command. */
  readonly state: State;
  /** The appended events; empty if the command changed nothing, or had been handled before. */
  readonly appended: readonly NewEvent[];
  /** Position of the stream's last event. A read model that has reached it contains the command's effect. */
  readonly position: Position | null;
}

/** A request takes at most twice this time: an attempt that begins within it may be the one that gets no answer. */
const OUTAGE_MS = 3_000;

const COMMAND_RETRY: RetryPolicy = { ...DEFAULT_RETRY, outageMs: OUTAGE_MS };

/**
 * Handles a command within a span. `handle` takes the context that names the span's trace, so that the metadata of the
 * events have it.
 */
export type CommandTracer = <Result>(
  type: string,
  stream: string,
  context: CommandContext,
  handle: (traced: CommandContext) => Promise<Result>,
) => Promise<Result>;

export interface AggregateCommandHandlerOptions extends StreamCacheOptions {
  readonly retry?: RetryPolicy;
  /** None by default. */
  readonly trace?: CommandTracer;
}

/**
 * Handles the commands of one aggregate: loads the state, decides, and appends with the expected revision. After a
 * conflict with another writer it starts over; an append of unknown outcome is repeated unchanged. The cost of a
 * command does not depend on the length of its stream: the state is in memory, or is loaded from a snapshot and at
 * most `snapshotEvery` events.
 */
export class AggregateCommandHandler<
  State,
  Command extends { readonly type: string },
  Event extends DomainEvent,
> {
  readonly #aggregate: Aggregate<State, Command, Event>;
  readonly #store: EventStore;
  readonly #clock: () => Date;
  readonly #streams: StreamCache<State, Command, Event>;
  readonly #retry: RetryPolicy;
  readonly #trace: CommandTracer | null;
  readonly #queue = new KeyedQueue();

  constructor(
    aggregate: Aggregate<State, Command, Event>,
    store: EventStore,
    clock: () => Date,
    options: AggregateCommandHandlerOptions = {},
  ) {
    this.#aggregate = aggregate;
    this.#store = store;
    this.#clock = clock;
    this.#streams = new StreamCache(aggregate, store, options);
    this.#retry = options.retry ?? COMMAND_RETRY;
    this.#trace = options.trace ?? null;
  }

  /**
   * Handles one command on one stream. Within this process, commands on the same stream run one after another.
   *
   * @throws DomainError when the aggregate rejects the command
   * @throws EventStoreError when the store is unreachable, or another writer is first, on every attempt
   */
  handle(stream: string, command: Command, context: CommandContext): Promise<CommandResult<State>> {
    if (this.#trace === null) return this.#handleInTurn(stream, command, context);
    return this.#trace(command.type, stream, context, (traced) =>
      this.#handleInTurn(stream, command, traced),
    );
  }

  /** Loads a stream and folds it to its end. */
  load(stream: string): Promise<StreamState<State>> {
    return this.#streams.load(stream);
  }

  /**
   * Loads many streams at once, which costs less than each command loading its own. Call it before you handle
   * commands on these streams concurrently. The number of streams must not exceed `cacheSize`.
   *
   * @throws EventStoreError
   */
  preload(streams: readonly string[]): Promise<void> {
    return this.#streams.preload(streams);
  }

  #handleInTurn(
    stream: string,
    command: Command,
    context: CommandContext,
  ): Promise<CommandResult<State>> {
    const patience = new Patience(this.#retry);
    return this.#queue.run(stream, () => {
      this.#assertWorthTrying(patience);
      return this.#handle(stream, command, context, patience);
    });
  }

  /** A command that has waited for others on its stream does not wait for the store as well. */
  #assertWorthTrying(patience: Patience): void {
    const { state, reason } = this.#store.health;
    if (patience.isOver && state === 'away') throw new EventStoreUnavailableError(reason ?? state);
  }

  async #handle(
    stream: string,
    command: Command,
    context: CommandContext,
    patience: Patience,
  ): Promise<CommandResult<State>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        // A retry reads the log first: the cached state has just lost to another writer, or is of unknown age.
        const result =
          attempt === 1 ? await this.#tryWithCachedState(stream, command, context, patience) : null;
        if (result !== null) return result;
        const loaded = await this.load(stream);
        return await this.#tryWithState(loaded, stream, command, context, patience);
      } catch (error) {
        if (!isRetryable(error) || attempt >= this.#retry.attempts) throw error;
        if (error instanceof EventStoreUnavailableError && this.#isWaitOver(patience)) throw error;
        await backOff(this.#retry, attempt);
      }
    }
  }

  #isWaitOver(patience: Patience): boolean {
    return patience.isOver || patience.isUselessFor(this.#store);
  }

  /**
   * Decides on the cached state, which may be older than the log if another process has appended. For a decision
   * that appends, the expected revision detects that. A decision that rejects or changes nothing is not trusted:
   * the result is null.
   */
  async #tryWithCachedState(
    stream: string,
    command: Command,
    context: CommandContext,
    patience: Patience,
  ): Promise<CommandResult<State> | null> {
    const cached = this.#streams.cached(stream);
    if (cached === undefined) return null;
    try {
      const result = await this.#tryWithState(cached, stream, command, context, patience);
      return result.appended.length === 0 ? null : result;
    } catch (error) {
      if (error instanceof DomainError || error instanceof WrongExpectedRevisionError) return null;
      throw error;
    }
  }

  async #tryWithState(
    before: StreamState<State>,
    stream: string,
    command: Command,
    context: CommandContext,
    patience: Patience,
  ): Promise<CommandResult<State>> {
    if (before.commands.includes(context.commandId)) return unchanged(before);
    const { decider } = this.#aggregate;
    const events = decider.decide(command, before.state);
    if (events.length === 0) return unchanged(before);
    const occurredAt = this.#clock().toISOString();
    const appended = toNewEvents(events, this.#aggregate.registry, occurredAt, context);
    const result = await appendReliably(
      this.#store,
      { stream, expectedRevision: before.revision, events: appended },
      this.#retry,
      patience,
    );
    const after: StreamState<State> = {
      state: events.reduce(decider.evolve, before.state),
      revision: result.revision,
      position: result.position,
      commands: addCommandId(before.commands, context.commandId),
      eventsSinceSnapshot: before.eventsSinceSnapshot + events.length,
    };
    this.#streams.put(stream, after);
    return { state: after.state, appended, position: after.position };
  }
}

function unchanged<State>({ state, position }: StreamState<State>): CommandResult<State> {
  return { state, position, appended: [] };
}

function isRetryable(error: unknown): boolean {
  return error instanceof WrongExpectedRevisionError || error instanceof EventStoreUnavailableError;
}
