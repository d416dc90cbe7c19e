import { connect as connectTcp, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { fieldsOf, type Fields } from '../support/fields.ts';

export interface StreamSocketListener {
  frame(frame: Fields): void;
  /** Anything at all came from the server. */
  heard(): void;
  closed(code: number): void;
}

/** One WebSocket on `/stream`, of a TCP connection whose own port is known. */
export class StreamSocket {
  readonly #socket: WebSocket;
  readonly #tcp: Socket;
  #port = 0;

  constructor(port: number, path: string, listener: StreamSocketListener, host = '127.0.0.1') {
    this.#tcp = connectTcp({ host, port, noDelay: true });
    this.#tcp.once('connect', () => (this.#port = this.#tcp.localPort ?? 0));
    this.#socket = new WebSocket(`ws://${host}:${port}${path}`, {
      createConnection: () => this.#tcp,
      handshakeTimeout: 20_000,
      perMessageDeflate: false,
    });
    this.#socket.on('message', (data: Buffer) => {
      listener.heard();
      listener.frame(fieldsOf(JSON.parse(data.toString('utf8'))));
    });
    this.#socket.on('ping', () => listener.heard());
    // What went wrong shows in the close that follows.
    this.#socket.on('error', () => undefined);
    this.#socket.once('close', (code) => listener.closed(code));
  }

  /** Its own port of TCP; 0 until it is connected. */
  get port(): number {
    return this.#port;
  }

  send(frame: Fields): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** Closes with a code, as browsers do. */
  close(code: number): void {
    this.#socket.close(code);
  }

  /** Ends without a word. */
  terminate(): void {
    this.#socket.terminate();
  }
}
