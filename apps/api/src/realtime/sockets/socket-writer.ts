import type { SlowReader, SlowReaders } from './slow-readers.ts';

/** What of a socket it takes to write to it. */
export interface WritableSocket {
  readonly readyState: number;
  readonly OPEN: number;
  readonly transport: {
    readonly writableLength: number;
    /** False once so much waits that `drain` will say when to go on. */
    write(bytes: Buffer): boolean;
    once(event: 'drain', listener: () => void): unknown;
  } | null;
}

/** Whose socket it is. */
export interface Recipient {
  /** It has read some of what waited for it. */
  hasRead(): void;
  /** It has read nothing for too long. */
  tooSlow(): void;
}

/**
 * Writes to the socket of one client, and notices when that takes no more: what is kept for the client then is for
 * each protocol to say. Extended rather than held, so that a client costs one object less.
 */
export abstract class SocketWriter<To extends Recipient> implements SlowReader {
  protected readonly recipient: To;
  readonly #slowReaders: SlowReaders;
  #socket: WritableSocket | null = null;
  #stalled = false;

  constructor(slowReaders: SlowReaders, recipient: To) {
    this.#slowReaders = slowReaders;
    this.recipient = recipient;
  }

  /** Writes what was kept, as far as the socket takes it. */
  abstract flush(): void;

  /** Writes a frame, stalled or not; nowhere where there is no open socket. */
  send(frame: Buffer): void {
    const socket = this.#socket;
    if (socket === null || socket.readyState !== socket.OPEN) return;
    if (socket.transport?.write(frame) === false) this.#stall(socket);
  }

  get unread(): number {
    return this.#socket?.transport?.writableLength ?? 0;
  }

  tooSlow(): void {
    this.recipient.tooSlow();
  }

  /** Whether the socket takes no more until the client has read what waits in it. */
  protected get isStalled(): boolean {
    return this.#stalled;
  }

  protected get hasSocket(): boolean {
    return this.#socket !== null;
  }

  /** Writes to this socket from now on. */
  protected useSocket(socket: WritableSocket): void {
    this.leaveSocket();
    this.#socket = socket;
  }

  protected leaveSocket(): void {
    this.#socket = null;
    this.#stalled = false;
    this.#slowReaders.remove(this);
  }

  #stall(socket: WritableSocket): void {
    if (this.#stalled) return;
    this.#stalled = true;
    this.#slowReaders.add(this);
    socket.transport?.once('drain', () => {
      if (this.#socket !== socket) return;
      this.#stalled = false;
      // Whoever reads all, and is sent as much again, is not to look like one who reads nothing.
      this.#slowReaders.remove(this);
      this.flush();
      this.recipient.hasRead();
    });
  }
}
