import { once } from 'node:events';

/** A message of the server. */
export type Frame = Readonly<Record<string, unknown>>;

const TIMEOUT_MS = 5_000;

/** One client on `/stream`, with the WebSocket that Node brings along. */
export class StreamClient {
  readonly #socket: WebSocket;
  readonly #frames: Frame[] = [];
  readonly #arrivals = new EventTarget();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      this.#frames.push(JSON.parse(String(data)) as Frame);
      this.#arrivals.dispatchEvent(new Event('frame'));
    });
  }

  /** Connects with an access token; the Connection is open once `ready` has come. */
  static connect(url: string, token: string): StreamClient {
    const address = new URL('/stream', url.replace(/^http/, 'ws'));
    address.searchParams.set('token', token);
    return new StreamClient(new WebSocket(address));
  }

  send(frame: Frame): void {
    this.#socket.send(JSON.stringify(frame));
  }

  /**
   * Takes the first frame that has come or comes and fits; those before it are passed over.
   *
   * @throws Error when none comes within 5 s
   */
  async next(fits: (frame: Frame) => boolean): Promise<Frame> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    for (;;) {
      const index = this.#frames.findIndex(fits);
      const frame = this.#frames[index];
      if (frame !== undefined) {
        this.#frames.splice(0, index + 1);
        return frame;
      }
      await once(this.#arrivals, 'frame', { signal });
    }
  }

  /** Says bye, and waits until the server has closed the socket. */
  async bye(): Promise<void> {
    const closed = once(this.#socket, 'close', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    this.send({ type: 'bye' });
    await closed;
  }

  /** Drops the socket. */
  close(): void {
    this.#socket.close();
  }
}
