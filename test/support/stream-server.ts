import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import type { JsonObject } from './http-client.ts';

/** Milliseconds that a test waits for a client. */
const PATIENCE_MS = 5_000;

/** Queue of things that arrive, with a promise of the next one. */
class Inbox<T> {
  readonly #arrived: T[] = [];
  #wake: () => void = () => undefined;

  put(thing: T): void {
    this.#arrived.push(thing);
    this.#wake();
  }

  get unread(): readonly T[] {
    return this.#arrived;
  }

  async next(what: string): Promise<T> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const thing = this.#arrived.shift();
      if (thing !== undefined) return thing;
      if (Date.now() >= deadline) throw new Error(`Timed out waiting for ${what}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, deadline - Date.now()).unref();
      });
    }
  }
}

/** The server's end of one socket, controlled by a test. */
export class StreamPeer {
  /** Fields of the `auth` frame. */
  readonly query: URLSearchParams;
  /** Close code of the socket, once it has closed. */
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  readonly #inbox = new Inbox<JsonObject>();

  constructor(socket: WebSocket, query: URLSearchParams) {
    this.#socket = socket;
    this.query = query;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      this.#inbox.put(JSON.parse(data.toString('utf8')) as JsonObject);
    });
  }

  /** Frames that the test has not read. */
  get unread(): readonly JsonObject[] {
    return this.#inbox.unread;
  }

  next(): Promise<JsonObject> {
    return this.#inbox.next('a frame');
  }

  /** Returns the next frame, which must have this type. */
  async expect(type: string): Promise<JsonObject> {
    const frame = await this.next();
    if (frame['type'] !== type) throw new Error(`Expected ${type}: ${JSON.stringify(frame)}`);
    return frame;
  }

  send(frame: object): void {
    this.#socket.send(JSON.stringify(frame));
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  close(code: number, reason = ''): void {
    this.#socket.close(code, reason);
  }

  /** Cuts the connection without a close frame. */
  terminate(): void {
    this.#socket.terminate();
  }
}

/** A server of `/stream` that sends only what a test tells it to. */
export class StreamServer {
  readonly url: string;
  readonly #server: WebSocketServer;
  readonly #arrivals = new Inbox<StreamPeer>();

  private constructor(server: WebSocketServer) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}`;
    server.on('connection', (socket) => {
      socket.once('message', (data: Buffer) => {
        const { type, ...fields } = JSON.parse(data.toString('utf8')) as Record<string, string>;
        if (type !== 'auth') throw new Error('The first frame is not auth');
        this.#arrivals.put(new StreamPeer(socket, new URLSearchParams(fields)));
      });
    });
  }

  static async start(): Promise<StreamServer> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/stream' });
    await once(server, 'listening');
    return new StreamServer(server);
  }

  /** The next client that connects. */
  accept(): Promise<StreamPeer> {
    return this.#arrivals.next('a client');
  }

  async stop(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
