import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import type { JsonObject } from './http-client.ts';

/** Longest that a client may take, in milliseconds. */
const PATIENCE_MS = 5_000;

/** Things that arrive, and somebody who waits for the next one. */
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
      if (Date.now() >= deadline) throw new Error(`Waited in vain for ${what}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, deadline - Date.now()).unref();
      });
    }
  }
}

/** The server's end of one socket, in the hands of a test. */
export class StreamPeer {
  /** Of the URL that the client connected with. */
  readonly query: URLSearchParams;
  /** The code that the socket was closed with. */
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

  /** Frames that the test has not looked at. */
  get unread(): readonly JsonObject[] {
    return this.#inbox.unread;
  }

  next(): Promise<JsonObject> {
    return this.#inbox.next('a frame');
  }

  /** The next frame, which must be of this type. */
  async expect(type: string): Promise<JsonObject> {
    const frame = await this.next();
    if (frame['type'] !== type) throw new Error(`No ${type}: ${JSON.stringify(frame)}`);
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

  /** Goes away without a word. */
  terminate(): void {
    this.#socket.terminate();
  }
}

/** A server of `/stream` that does nothing of itself: tests say what it says. */
export class StreamServer {
  readonly url: string;
  readonly #server: WebSocketServer;
  readonly #arrivals = new Inbox<StreamPeer>();

  private constructor(server: WebSocketServer) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}`;
    server.on('connection', (socket, request) => {
      const { searchParams } = new URL(request.url ?? '/', this.url);
      this.#arrivals.put(new StreamPeer(socket, searchParams));
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
