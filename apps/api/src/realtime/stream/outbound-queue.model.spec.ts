import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DomainError } from '#domain';
import { FakeSocket } from '../../../../../test/support/fake-socket.ts';
import { StreamedClient } from '../../../../../test/support/streamed-client.ts';
import { SERVICE, WatchedWorld } from '../../../../../test/support/watched-world.ts';
import { SlowReaders } from '../sockets/slow-readers.ts';
import { SocketWriter } from '../sockets/socket-writer.ts';
import { OutboundQueue } from './outbound-queue.ts';
import { SharedFrames } from './shared-frames.ts';
import { WatchSnapshot } from './watch-snapshot.ts';

const USERS = ['alice', 'bob', 'carol', 'dave'];

/** One step: a change in the log, or an event between the server and its client. */
type Step =
  | {
      readonly do: 'connect' | 'disconnect' | 'bind' | 'delete' | 'watch' | 'unwatch';
      readonly identity: string;
    }
  | {
      readonly do:
        | 'enable'
        | 'disable'
        | 'show'
        | 'read'
        | 'read some'
        | 'stop reading'
        | 'lose'
        | 'come back';
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('connect', 'connect', 'disconnect', 'bind', 'delete', 'watch'),
      identity: fc.constantFrom(...USERS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('unwatch'),
      identity: fc.constantFrom(...USERS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('enable', 'disable', 'read') }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('show', 'show', 'read some', 'stop reading', 'lose', 'come back'),
    }),
  },
);

/** A server with one client, whose socket stalls, closes with frames in it, and is replaced. */
class Run extends SocketWriter {
  readonly #world: WatchedWorld;
  readonly #client = new StreamedClient();
  readonly #watched = new Set<string>();
  readonly #queue: OutboundQueue;
  #socket: FakeSocket | null = null;

  constructor(world: WatchedWorld) {
    super(new SlowReaders());
    this.#world = world;
    const { hub: publisher, metrics } = world;
    const { coalesced } = metrics;
    this.#queue = new OutboundQueue({ publisher, frames: new SharedFrames(), coalesced }, this);
  }

  override onReadTimeout(): void {
    throw new Error('The client has time to read');
  }

  protected override onDrain(): void {
    this.#flush();
  }

  mayWatch(): boolean {
    return true;
  }

  async begin(): Promise<void> {
    await this.#world.hub.joinService(this.#queue, SERVICE);
    this.#connect(null);
    for (const identity of USERS) await this.#watch(identity);
    this.#read();
  }

  async take(each: Step): Promise<void> {
    const world = this.#world;
    switch (each.do) {
      case 'show':
        return world.showAll();
      case 'watch':
        return this.#watch(each.identity);
      case 'unwatch':
        this.#unwatch(each.identity);
        return;
      case 'stop reading':
        this.#socket?.block();
        return;
      case 'read':
        this.#read();
        return;
      case 'read some':
        this.#readSome();
        return;
      case 'lose':
        this.#lose();
        return;
      case 'come back':
        this.#comeBack();
        return;
      default:
        await this.#write(each).catch((error: unknown) => {
          if (!(error instanceof DomainError)) throw error;
        });
    }
  }

  /** Checks that the client knows the current state of every User it watches, once it has read everything. */
  async finish(): Promise<void> {
    await this.#world.showAll();
    this.#comeBack();
    this.#read();
    for (const identity of USERS) {
      const sid = this.#world.sid(identity);
      if (!this.#watched.has(sid)) continue;
      const truth = await this.#world.truth(identity);
      const known = this.#client.of(sid);
      if (truth === 'absent') expect(known).toBe('absent');
      else expect(known).toEqual([truth.isOnline, truth.isNotifiable]);
    }
  }

  #connect(since: string | null): void {
    const socket = new FakeSocket();
    this.#socket = socket;
    this.startWriting(socket);
    this.#queue.resumeAfter(since);
  }

  #read(): void {
    while ((this.#socket?.holds ?? 0) > 0) this.#readSome();
  }

  /** Reads what the socket holds; the socket then takes more. */
  #readSome(): void {
    for (const frame of this.#socket?.read() ?? []) this.#client.read(frame);
  }

  /** Closes the socket: the client loses what it has not read. */
  #lose(): void {
    this.#socket = null;
    this.stopWriting();
    this.#queue.clear();
  }

  #comeBack(): void {
    if (this.#socket !== null) return;
    const unanswered = this.#client.takeUnanswered();
    this.#connect(this.#client.watermark);
    this.#flush();
    for (const { sid, since } of unanswered) this.#ask(sid, since);
  }

  async #watch(identity: string): Promise<void> {
    if (this.#socket === null) return;
    const sid = this.#world.sid(identity);
    await this.#world.showAll();
    await this.#world.hub.watchUsers(this.#queue, SERVICE, [sid], () => {
      this.#watched.add(sid);
      this.#ask(sid, null);
    });
  }

  #ask(sid: string, since: string | null): void {
    this.#client.asks(sid, since);
    this.#queue.addSnapshot(new WatchSnapshot(undefined, [sid], since));
    this.#flush();
  }

  #flush(): void {
    const reader = { serviceSid: SERVICE, mayHaveMissedAccess: false, mayWatch: () => true };
    if (this.isWriting && !this.isStalled) this.#queue.flush(reader, this.#watched);
  }

  #unwatch(identity: string): void {
    const sid = this.#world.sid(identity);
    if (this.#client.waitsFor(sid)) return;
    this.#watched.delete(sid);
    this.#client.forget(sid);
    this.#world.hub.unwatchUsers(this.#queue, SERVICE, [sid]);
  }

  #write(each: Step): Promise<void> {
    const world = this.#world;
    switch (each.do) {
      case 'connect':
        return world.connect(each.identity, `CN-${world.store.log.length}`);
      case 'disconnect':
        return world.disconnectOldest(each.identity);
      case 'bind':
        return world.bind(each.identity);
      case 'delete':
        return world.delete(each.identity);
      default:
        return world.setEnabled(each.do === 'enable');
    }
  }
}

describe('A client that reads slowly, loses its socket and resumes', () => {
  it('ends with the current state, and no version that it is sent goes back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), async (steps) => {
        const world = await WatchedWorld.start();
        try {
          const run = new Run(world);
          await run.begin();
          for (const each of steps) {
            await run.take(each);
            await nextTurn();
          }
          await run.finish();
        } finally {
          await world.stop();
        }
      }),
      { numRuns: 100 },
    );
  });
});
