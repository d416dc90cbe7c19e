import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FakeSocket } from '../../../../../test/support/fake-socket.ts';
import { READ_TIMEOUT_MS, SlowReaders } from './slow-readers.ts';
import { SocketWriter } from './socket-writer.ts';

class Writer extends SocketWriter {
  readonly waiting: string[] = [];
  readonly events: string[] = [];

  flush(): void {
    while (!this.isStalled) {
      const text = this.waiting.shift();
      if (text === undefined) return;
      this.write(Buffer.from(`\u0081\u0001${text}`, 'latin1'));
    }
  }

  use(socket: FakeSocket): void {
    this.startWriting(socket);
  }

  override onReadTimeout(): void {
    this.events.push('read timeout');
  }

  protected override onDrain(): void {
    this.flush();
    this.events.push('drain');
  }
}

function stalledWriter() {
  const slowReaders = new SlowReaders();
  const writer = new Writer(slowReaders);
  const socket = new FakeSocket();
  writer.use(socket);
  socket.block();
  writer.waiting.push('a', 'b', 'c');
  writer.flush();
  return { writer, socket, slowReaders };
}

let now = 0;
beforeEach(() => {
  now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('A writer whose socket is stalled', () => {
  it('goes on when the client has read', () => {
    const { writer, socket } = stalledWriter();
    expect(socket.read()).toEqual(['a']);
    expect(socket.read()).toEqual(['b', 'c']);
    expect(writer.events).toEqual(['drain']);
  });

  it('times out when the client reads nothing', () => {
    const { writer, slowReaders } = stalledWriter();
    slowReaders.check(READ_TIMEOUT_MS);
    expect(writer.events).toEqual(['read timeout']);
  });

  it('does not time out when the client reads everything and is sent as much again', () => {
    const { writer, socket, slowReaders } = stalledWriter();
    writer.waiting.splice(0);
    const { unread } = writer;
    now = READ_TIMEOUT_MS / 2;
    socket.read();
    socket.block();
    writer.waiting.push('d');
    writer.flush();
    expect(writer.unread).toBe(unread);
    slowReaders.check(READ_TIMEOUT_MS);
    expect(writer.events).toEqual(['drain']);
  });

  it('ignores that socket once another one has replaced it', () => {
    const { writer, socket } = stalledWriter();
    const next = new FakeSocket();
    writer.use(next);
    socket.read();
    writer.flush();
    expect(next.read()).toEqual(['b', 'c']);
    expect(writer.events).toEqual([]);
  });
});
