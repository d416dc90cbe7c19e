import { beforeEach, describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { Counter, Registry } from 'prom-client';
import { SlowReaders } from '../../sockets/slow-readers.ts';
import { SocketWriter } from '../../sockets/socket-writer.ts';
import { NotificationQueue } from './notification-queue.ts';

/** A transport that takes as many frames as a test says. */
class Transport extends EventEmitter {
  readonly written: string[] = [];
  writableLength = 0;
  /** Frames that it takes before it is full. */
  room = Infinity;

  write(frame: Buffer): boolean {
    this.written.push(frame.toString());
    this.room -= 1;
    return this.room > 0;
  }

  /** The client has read everything; this many frames fit again. */
  drain(room = Infinity): void {
    this.room = room;
    this.emit('drain');
  }
}

class Writer extends SocketWriter {
  readonly events: string[] = [];
  readonly queue: NotificationQueue;

  constructor(slowReaders: SlowReaders, transport: Transport) {
    super(slowReaders);
    const coalesced = new Counter({ name: 'coalesced', help: 'x', registers: [new Registry()] });
    this.queue = new NotificationQueue(coalesced, this);
    this.startWriting({ readyState: 1, OPEN: 1, transport });
  }

  get isBlocked(): boolean {
    return this.isStalled || this.queue.hasPending;
  }

  end(): void {
    this.stopWriting();
    this.queue.clear();
  }

  override onReadTimeout(): void {
    this.events.push('read timeout');
  }

  protected override onDrain(): void {
    this.queue.flush();
    this.events.push('drain');
  }
}

describe('NotificationQueue', () => {
  let transport: Transport;
  let writer: Writer;
  let queue: NotificationQueue;
  let slowReaders: SlowReaders;

  beforeEach(() => {
    transport = new Transport();
    slowReaders = new SlowReaders();
    writer = new Writer(slowReaders, transport);
    queue = writer.queue;
  });

  const offer = (user: string, item: string, text: string): void =>
    queue.offer(user, item, Buffer.from(text));

  it('sends notifications at once while the client reads', () => {
    offer('bob', 'reachability', 'b1');
    writer.write(Buffer.from('answer'));
    offer('bob', 'reachability', 'b2');
    expect(transport.written).toEqual(['b1', 'answer', 'b2']);
    expect(writer.isBlocked).toBe(false);
  });

  it('keeps the newest notification of each item while the socket is stalled, in order for each User', () => {
    transport.room = 1;
    offer('alice', 'reachability', 'a1');
    expect(writer.isBlocked).toBe(true);
    offer('bob', 'reachability', 'b1');
    offer('bob', 'attributes', 'b2');
    offer('bob', 'reachability', 'b3');
    offer('carol', 'reachability', 'c1');
    expect(transport.written).toEqual(['a1']);
    transport.drain();
    expect(transport.written).toEqual(['a1', 'b2', 'b3', 'c1']);
    expect(writer.events).toEqual(['drain']);
    expect(writer.isBlocked).toBe(false);
  });

  it('keeps the rest when the client has read only some', () => {
    transport.room = 1;
    for (const user of ['u1', 'u2', 'u3', 'u4']) offer(user, 'reachability', user);
    transport.drain(2);
    expect(transport.written).toEqual(['u1', 'u2', 'u3']);
    expect(writer.isBlocked).toBe(true);
    transport.drain();
    expect(transport.written).toEqual(['u1', 'u2', 'u3', 'u4']);
  });

  it('lets no notification overtake one that waits', () => {
    transport.room = 1;
    offer('alice', 'reachability', 'a1');
    offer('bob', 'reachability', 'b1');
    transport.drain(1);
    offer('bob', 'attributes', 'b2');
    transport.drain();
    expect(transport.written).toEqual(['a1', 'b1', 'b2']);
  });

  it('drops what waits about a forgotten User', () => {
    transport.room = 1;
    offer('alice', 'reachability', 'a1');
    offer('bob', 'reachability', 'b1');
    queue.forget('bob');
    transport.drain();
    expect(transport.written).toEqual(['a1']);
  });

  it('reports a client that reads nothing until its socket has closed', () => {
    transport.room = 1;
    writer.write(Buffer.from('x'));
    slowReaders.check(performance.now() + 1_000_000);
    expect(writer.events).toEqual(['read timeout']);
    writer.end();
    slowReaders.check(performance.now() + 2_000_000);
    expect(writer.events).toEqual(['read timeout']);
  });
});
