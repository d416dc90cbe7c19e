import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FakeSocket } from '../../../../../test/support/fake-socket.ts';
import { MOST_PATIENCE_MS, SlowReaders } from './slow-readers.ts';
import { SocketWriter, type Recipient } from './socket-writer.ts';

class Writer extends SocketWriter<Recipient> {
  readonly kept: string[] = [];

  override flush(): void {
    while (!this.isStalled) {
      const text = this.kept.shift();
      if (text === undefined) return;
      this.send(Buffer.from(`\u0081\u0001${text}`, 'latin1'));
    }
  }

  goTo(socket: FakeSocket): void {
    this.useSocket(socket);
  }
}

function stalledWriter() {
  const said: string[] = [];
  const slowReaders = new SlowReaders();
  const writer = new Writer(slowReaders, {
    hasRead: () => said.push('has read'),
    tooSlow: () => said.push('too slow'),
  });
  const socket = new FakeSocket();
  writer.goTo(socket);
  socket.block();
  writer.kept.push('a', 'b', 'c');
  writer.flush();
  return { writer, socket, said, slowReaders };
}

let now = 0;
beforeEach(() => {
  now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('What is written to a socket that takes no more', () => {
  it('goes on when the client has read', () => {
    const { socket, said } = stalledWriter();
    expect(socket.read()).toEqual(['a']);
    expect(socket.read()).toEqual(['b', 'c']);
    expect(said).toEqual(['has read']);
  });

  it('is too slow for a client that reads nothing', () => {
    const { said, slowReaders } = stalledWriter();
    slowReaders.look(MOST_PATIENCE_MS);
    expect(said).toEqual(['too slow']);
  });

  it('is not too slow for a client that reads all and is sent as much again', () => {
    const { writer, socket, said, slowReaders } = stalledWriter();
    writer.kept.splice(0);
    const { unread } = writer;
    now = MOST_PATIENCE_MS / 2;
    socket.read();
    socket.block();
    writer.kept.push('d');
    writer.flush();
    expect(writer.unread).toBe(unread);
    slowReaders.look(MOST_PATIENCE_MS);
    expect(said).toEqual(['has read']);
  });

  it('is nothing any more once another socket takes its place', () => {
    const { writer, socket, said } = stalledWriter();
    const next = new FakeSocket();
    writer.goTo(next);
    socket.read();
    writer.flush();
    expect(next.read()).toEqual(['b', 'c']);
    expect(said).toEqual([]);
  });
});
