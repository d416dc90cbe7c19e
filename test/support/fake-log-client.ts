import { randomUUID } from 'node:crypto';
import type {
  LogClient,
  LogPosition,
  RawEvent,
  RawMessage,
  ReadRange,
  SubscribeRange,
} from '#event-store/adapters/eventstoredb/log-client';

/** Place of the event that begins at a byte of the server's log. */
export const at = (commit: number): LogPosition => ({
  commit: BigInt(commit),
  prepare: BigInt(commit),
});

/** Place between events, as the server's checkpoints have it while it catches up. */
export const between = (commit: number): LogPosition => ({ commit: BigInt(commit), prepare: 0n });

/** A sound event, as a client hands it out. */
export function rawEvent(place: number, overrides: Partial<RawEvent> = {}): RawEvent {
  return {
    id: randomUUID(),
    stream: 'user-1',
    type: 'UserUpdated',
    revision: 0n,
    position: at(place),
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
 * A log client without a server: reads a given log, plays back what each subscription is to give, and answers
 * appends as told. It records what it was asked.
 */
export class FakeLogClient implements LogClient {
  /** The server's whole log, foreign events included. */
  log: readonly RawEvent[] = [];
  /** How far reads forwards get before they end as if complete. */
  readsEndAt = Infinity;
  /** Answers an append. */
  onAppend: LogClient['append'] = () => Promise.resolve({ revision: 0n, position: at(1) });

  readonly readsBack: Parameters<LogClient['readBackwards']>[0][] = [];
  readonly subscriptions: SubscribeRange[] = [];
  readonly kept: string[] = [];
  readonly appends: Parameters<LogClient['append']>[] = [];
  readonly #replies: Reply[][] = [];

  /** What the next subscription gives before it waits for its end; an error ends it. */
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
