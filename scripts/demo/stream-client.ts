import { once } from 'node:events';

/** A message of the server. */
export type Frame = Readonly<Record<string, unknown>>;

const TIMEOUT_MS = 5_000;

/** A client of `/stream` that uses the WebSocket of Node. */
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

  /** Connects with an access token. The Connection is open once `ready` arrives. */
  static connect(url: string, token: string): StreamClient {
    const address = new URL('/stream', url.replace(/^http/, 'ws'));
    address.searchParams.set('token', token);
    return new StreamClient(new WebSocket(address));
  }

  send(frame: Frame): void {
    this.#socket.send(JSON.stringify(frame));
  }

  /**
   * Returns the first frame that matches, and skips those before it.
   *
   * @throws Error when none arrives within 5 s
   */
  async next(matches: (frame: Frame) => boolean): Promise<Frame> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    for (;;) {
      const index = this.#frames.findIndex(matches);
      const frame = this.#frames[index];
      if (frame !== undefined) {
        this.#frames.splice(0, index + 1);
        return frame;
      }
      await once(this.#arrivals, 'frame', { signal });
    }
  }

  /** Sends `bye`, and waits until the server has closed the socket. */
  async bye(): Promise<void> {
    const closed = once(this.#socket, 'close', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    this.send({ type: 'bye' });
    await closed;
  }

  /** Closes the socket without `bye`. */
  close(): void {
    this.#socket.close();
  }
}
