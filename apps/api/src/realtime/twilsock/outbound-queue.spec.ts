import { beforeEach, describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { Counter, Registry } from 'prom-client';
import { SlowReaders } from '../sockets/slow-readers.ts';
import type { WritableSocket } from '../sockets/socket-writer.ts';
import { OutboundQueue } from './outbound-queue.ts';

/** A socket that takes a frame more whenever it is let. */
class Transport extends EventEmitter {
  readonly written: string[] = [];
  writableLength = 0;
  /** Frames that it takes before it says that it is full. */
  room = Infinity;

  write(frame: Buffer): boolean {
    this.written.push(frame.toString());
    this.room -= 1;
    return this.room > 0;
  }

  /** The client has read everything; so many frames fit again. */
  drain(room = Infinity): void {
    this.room = room;
    this.emit('drain');
  }
}

describe('An outbox', () => {
  let transport: Transport;
  let outbox: OutboundQueue;
  let said: string[];
  let slowReaders: SlowReaders;

  beforeEach(() => {
    transport = new Transport();
    said = [];
    slowReaders = new SlowReaders();
    const coalesced = new Counter({ name: 'coalesced', help: 'x', registers: [new Registry()] });
    const socket: WritableSocket = { readyState: 1, OPEN: 1, transport };
    outbox = new OutboundQueue({ slowReaders, coalesced }, socket, {
      hasRead: () => said.push('has read'),
      tooSlow: () => said.push('too slow'),
    });
  });

  const offer = (user: string, item: string, text: string): void =>
    outbox.offer(user, item, Buffer.from(text));

  it('sends what it is given while the client reads', () => {
    offer('bob', 'reachability', 'b1');
    outbox.send(Buffer.from('answer'));
    offer('bob', 'reachability', 'b2');
    expect(transport.written).toEqual(['b1', 'answer', 'b2']);
    expect(outbox.isBlocked).toBe(false);
  });

  it('keeps the newest of each item for a client that reads slowly, those of a User in order', () => {
    transport.room = 1;
    offer('alice', 'reachability', 'a1');
    expect(outbox.isBlocked).toBe(true);
    offer('bob', 'reachability', 'b1');
    offer('bob', 'attributes', 'b2');
    offer('bob', 'reachability', 'b3');
    offer('carol', 'reachability', 'c1');
    expect(transport.written).toEqual(['a1']);
    transport.drain();
    expect(transport.written).toEqual(['a1', 'b2', 'b3', 'c1']);
    expect(said).toEqual(['has read']);
    expect(outbox.isBlocked).toBe(false);
  });

  it('keeps the rest where the client has read only some', () => {
    transport.room = 1;
    for (const user of ['u1', 'u2', 'u3', 'u4']) offer(user, 'reachability', user);
    transport.drain(2);
    expect(transport.written).toEqual(['u1', 'u2', 'u3']);
    expect(outbox.isBlocked).toBe(true);
    transport.drain();
    expect(transport.written).toEqual(['u1', 'u2', 'u3', 'u4']);
  });

  it('lets nothing overtake what waits', () => {
    transport.room = 1;
    offer('alice', 'reachability', 'a1');
    offer('bob', 'reachability', 'b1');
    transport.drain(1);
    offer('bob', 'attributes', 'b2');
    transport.drain();
    expect(transport.written).toEqual(['a1', 'b1', 'b2']);
  });

  it('forgets what nobody wants any more', () => {
    transport.room = 1;
    offer('alice', 'reachability', 'a1');
    offer('bob', 'reachability', 'b1');
    outbox.forget('bob');
    transport.drain();
    expect(transport.written).toEqual(['a1']);
  });

  it('tells of a client that reads nothing, and of none that is gone', () => {
    transport.room = 1;
    outbox.send(Buffer.from('x'));
    slowReaders.look(performance.now() + 1_000_000);
    expect(said).toEqual(['too slow']);
    outbox.end();
    slowReaders.look(performance.now() + 2_000_000);
    expect(said).toEqual(['too slow']);
  });
});
