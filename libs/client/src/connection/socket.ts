/** As much of a WebSocket as is needed here: that of browsers, of Node 22 or later, and of `ws`. */
export interface WebSocketLike {
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

/** `readyState` of a socket that is open. */
const OPEN = 1;
/** What closed without a close frame. */
const ABNORMAL = 1006;

export interface SocketListener {
  message(text: string): void;
  /** Called once, and never before the constructor has returned. */
  closed(code: number): void;
}

/** One WebSocket that says no more once it is closed from this side. */
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
      socket.onmessage = ({ data }: { readonly data: unknown }) => {
        if (typeof data === 'string') this.#listener?.message(data);
      };
      socket.onclose = ({ code }: { readonly code: number }) => this.#closed(code);
      // A close event follows each error, and tells what browsers are willing to tell.
      socket.onerror = () => undefined;
      return socket;
    } catch {
      // What a page's security policy forbids fails like a network that is not there.
      queueMicrotask(() => this.#closed(ABNORMAL));
      return null;
    }
  }

  #closed(code: number): void {
    const listener = this.#listener;
    this.#listener = null;
    listener?.closed(code);
  }
}
