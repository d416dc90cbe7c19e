import { randomUUID } from 'node:crypto';
import type {
  LogClient,
  LogPosition,
  RawEvent,
  RawMessage,
  ReadRange,
  SubscribeRange,
} from '#event-store/adapters/eventstoredb/log-client';

/** Position of the event that starts at this byte of the server's log. */
export const at = (commit: number): LogPosition => ({
  commit: BigInt(commit),
  prepare: BigInt(commit),
});

/** Position between events, as in the server's checkpoints while it catches up. */
export const between = (commit: number): LogPosition => ({ commit: BigInt(commit), prepare: 0n });

/** A valid event, as the client returns it. */
export function rawEvent(commit: number, overrides: Partial<RawEvent> = {}): RawEvent {
  return {
    id: randomUUID(),
    stream: 'user-1',
    type: 'UserUpdated',
    revision: 0n,
    position: at(commit),
    created: Date.parse('2025-03-01T12:00:00.000Z'),
    data: { friendlyName: 'Ada' },
    metadata: {
      schemaVersion: 1,
      occurredAt: '2025-03-01T12:00:00.000Z',
      actor: 'cli',
      $correlationId: 'correlation',
      $causationId: 'causation',
    },
    ...overrides,
  };
}

type Reply = readonly RawMessage[] | Error;

/**
 * A log client without a server: reads a given log, replays messages for each subscription, and answers appends with
 * a callback. It records all calls.
 */
export class FakeLogClient implements LogClient {
  /** The server's whole log, with events of other applications. */
  log: readonly RawEvent[] = [];
  /** Number of events after which forward reads end as if complete. */
  readsEndAt = Infinity;
  /** Answers an append. */
  onAppend: LogClient['append'] = () => Promise.resolve({ revision: 0n, position: at(1) });

  readonly readsBack: Parameters<LogClient['readBackwards']>[0][] = [];
  readonly subscriptions: SubscribeRange[] = [];
  readonly kept: string[] = [];
  readonly appends: Parameters<LogClient['append']>[] = [];
  readonly #replies: Reply[][] = [];

  /** Sets the messages of the next subscription. It then waits for its abort; an error ends it. */
  willGive(...messages: (RawMessage | Error)[]): void {
    this.#replies.push(messages.map((each) => (each instanceof Error ? each : [each])));
  }

  append(...call: Parameters<LogClient['append']>): ReturnType<LogClient['append']> {
    this.appends.push(call);
    return this.onAppend(...call);
  }

  async *readStream(
    stream: string,
    { direction, limit }: ReadRange<bigint | 'start' | 'end'>,
  ): AsyncGenerator<RawEvent> {
    const events = this.log.filter((event) => event.stream === stream);
    yield* (direction === 'forwards' ? events : events.toReversed()).slice(0, limit);
    await Promise.resolve();
  }

  async *readAhead({
    from,
  }: Parameters<LogClient['readAhead']>[0]): AsyncGenerator<readonly RawEvent[]> {
    const events = this.log
      .filter(({ position }) => typeof from === 'string' || !isBefore(position, from))
      .slice(0, this.readsEndAt);
    if (events.length > 0) yield events;
    await Promise.resolve();
  }

  async *readBackwards(range: Parameters<LogClient['readBackwards']>[0]): AsyncGenerator<RawEvent> {
    this.readsBack.push(range);
    const { from, limit } = range;
    const before = this.log.filter(
      ({ position }) => typeof from === 'string' || isBefore(position, from),
    );
    yield* before.toReversed().slice(0, limit);
    await Promise.resolve();
  }

  async *subscribe(range: SubscribeRange): AsyncGenerator<RawMessage> {
    this.subscriptions.push(range);
    for (const reply of this.#replies.shift() ?? []) {
      if (reply instanceof Error) throw reply;
      yield* reply;
    }
    if (range.signal.aborted) return;
    await new Promise((resolve) => range.signal.addEventListener('abort', resolve));
  }

  keepLastEventOnly(stream: string): Promise<void> {
    this.kept.push(stream);
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}

function isBefore(a: LogPosition, b: LogPosition): boolean {
  return a.commit === b.commit ? a.prepare < b.prepare : a.commit < b.commit;
}
