import type { SlowReader, SlowReaders } from './slow-readers.ts';

/** The part of a socket that writing needs. */
export interface WritableSocket {
  readonly readyState: number;
  readonly OPEN: number;
  readonly transport: {
    readonly writableLength: number;
    /** Returns false once the buffer is full; `drain` follows when it is empty again. */
    write(bytes: Buffer): boolean;
    once(event: 'drain', listener: () => void): unknown;
  } | null;
}

/**
 * Writes to the socket of one client, and notices when the client does not read: the socket is then stalled until
 * its buffer has drained. A base class rather than a field, so that a client costs one object less.
 */
export abstract class SocketWriter implements SlowReader {
  readonly #slowReaders: SlowReaders;
  #writable: WritableSocket | null = null;
  #isStalled = false;

  constructor(slowReaders: SlowReaders) {
    this.#slowReaders = slowReaders;
  }

  abstract onReadTimeout(): void;

  /** Called when a stalled socket takes more. */
  protected abstract onDrain(): void;

  /** Whether frames are written to a socket. */
  get isWriting(): boolean {
    return this.#writable !== null;
  }

  /** Whether the client has to read the buffered frames before the socket takes more. */
  get isStalled(): boolean {
    return this.#isStalled;
  }

  get unread(): number {
    return this.#writable?.transport?.writableLength ?? 0;
  }

  /** Writes a frame, even to a stalled socket; does nothing without an open one. */
  write(frame: Buffer): void {
    const socket = this.#writable;
    if (socket === null || socket.readyState !== socket.OPEN) return;
    if (socket.transport?.write(frame) === false) this.#stall(socket);
  }

  protected startWriting(socket: WritableSocket): void {
    this.stopWriting();
    this.#writable = socket;
  }

  protected stopWriting(): void {
    this.#writable = null;
    this.#isStalled = false;
    this.#slowReaders.remove(this);
  }

  #stall(socket: WritableSocket): void {
    if (this.#isStalled) return;
    this.#isStalled = true;
    this.#slowReaders.add(this);
    socket.transport?.once('drain', () => {
      if (this.#writable !== socket) return;
      this.#isStalled = false;
      // A client that reads everything and is sent as much again must not look like one that reads nothing.
      this.#slowReaders.remove(this);
      this.onDrain();
    });
  }
}
