import { EventEmitter } from 'node:events';
import type { WritableSocket } from '../../apps/api/src/realtime/sockets/socket-writer.ts';

/** Bytes that a fake socket buffers before it is full: a few frames. */
const HIGH_WATER_MARK = 300;

/** A socket whose client reads only when a test calls {@link read}. */
export class FakeSocket implements WritableSocket {
  readonly readyState = 1;
  readonly OPEN = 1;
  readonly transport = new FakeTransport();

  /** Is full until its buffer has been read. */
  block(): void {
    this.transport.blocked = true;
  }

  /** Bytes that were written and not read. */
  get holds(): number {
    return this.transport.writableLength;
  }

  /** Reads the whole buffer and returns its messages as text. */
  read(): string[] {
    const frames = this.transport.frames.splice(0).map(textOf);
    this.transport.drained();
    return frames;
  }
}

class FakeTransport extends EventEmitter {
  readonly frames: Buffer[] = [];
  blocked = false;

  get writableLength(): number {
    return this.frames.reduce((sum, { length }) => sum + length, 0);
  }

  write(frame: Buffer): boolean {
    this.frames.push(frame);
    return !this.blocked && this.writableLength < HIGH_WATER_MARK;
  }

  drained(): void {
    this.blocked = false;
    this.emit('drain');
  }
}

/** Returns the text in a server's message frame. */
function textOf(frame: Buffer): string {
  const length = frame.readUInt8(1);
  return frame.subarray(length < 126 ? 2 : length === 126 ? 4 : 10).toString('utf8');
}
