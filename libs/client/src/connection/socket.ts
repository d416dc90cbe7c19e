/** The part of a WebSocket that this package uses. Browsers, Node 22 or later, and `ws` have it. */
export interface WebSocketLike {
  onopen: ((event: never) => void) | null;
  /** Called with `{ data }`. */
  onmessage: ((event: never) => void) | null;
  /** Called with `{ code }`. */
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketConstructor = new (url: string) => WebSocketLike;

/** `readyState` of an open socket. */
const OPEN = 1;
/** Code of a close without a close frame. */
const ABNORMAL = 1006;

interface SocketListener {
  onOpen(): void;
  onMessage(text: string): void;
  /** Called once, and never before the constructor has returned. */
  onClosed(code: number): void;
}

/** A WebSocket that stops calling its listener once this side closes it. */
export class Socket {
  readonly #socket: WebSocketLike | null;
  #listener: SocketListener | null;

  constructor(constructor: WebSocketConstructor, url: string, listener: SocketListener) {
    this.#listener = listener;
    this.#socket = this.#open(constructor, url);
  }

  send(text: string): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(text);
  }

  close(code: number): void {
    this.#listener = null;
    this.#socket?.close(code);
  }

  #open(constructor: WebSocketConstructor, url: string): WebSocketLike | null {
    try {
      const socket = new constructor(url);
      socket.onopen = () => this.#listener?.onOpen();
      socket.onmessage = ({ data }: { readonly data: unknown }) => {
        if (typeof data === 'string') this.#listener?.onMessage(data);
      };
      socket.onclose = ({ code }: { readonly code: number }) => this.#closed(code);
      // A close event follows each error and carries all that browsers reveal.
      socket.onerror = () => undefined;
      return socket;
    } catch {
      // A URL that the page's security policy forbids fails like an unreachable one.
      queueMicrotask(() => this.#closed(ABNORMAL));
      return null;
    }
  }

  #closed(code: number): void {
    const listener = this.#listener;
    this.#listener = null;
    listener?.onClosed(code);
  }
}
