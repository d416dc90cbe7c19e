import { connect as connectTcp, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { fieldsOf, type Fields } from '../support/fields.ts';

export interface StreamSocketListener {
  onFrame(frame: Fields): void;
  /** The server sent a message or a ping. */
  onActivity(): void;
  onClose(code: number): void;
}

/** One WebSocket on `/stream` whose local TCP port is known. */
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
      listener.onActivity();
      listener.onFrame(fieldsOf(JSON.parse(data.toString('utf8'))));
    });
    this.#socket.on('ping', () => listener.onActivity());
    // A close event with the reason follows.
    this.#socket.on('error', () => undefined);
    this.#socket.once('close', (code) => listener.onClose(code));
  }

  /** Its local TCP port; 0 until it is connected. */
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

  /** Ends without a close frame. */
  terminate(): void {
    this.#socket.terminate();
  }
}
