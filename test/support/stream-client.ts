import { once } from 'node:events';
import twilio from 'twilio';
import { WebSocket, type ClientOptions } from 'ws';
import type { JsonObject } from './http-client.ts';
import type { Program } from './program.ts';

/** Longest wait for a frame, in milliseconds. */
const PATIENCE_MS = 30_000;

export interface SocketClose {
  readonly code: number;
  readonly reason: string;
}

export interface StreamOptions extends ClientOptions {
  /** Path and query; `/stream` with the token by default. */
  readonly path?: string;
}

/** An access token made with Twilio's own library, as an application's back end makes it. */
export function accessToken(
  { credentials }: Pick<Program, 'credentials'>,
  serviceSid: string,
  identity: string,
  ttl = 3_600,
): string {
  const { AccessToken } = twilio.jwt;
  const { sid, secret } = credentials.apiKey;
  const token = new AccessToken(credentials.accountSid, sid, secret, { identity, ttl });
  token.addGrant(new AccessToken.ChatGrant({ serviceSid }));
  return token.toJwt();
}

/** A client on `/stream` that keeps frames until the test reads them. */
export class StreamClient {
  readonly socket: WebSocket;
  readonly closed: Promise<SocketClose>;
  /** Frames that the test has not read yet. */
  readonly unreadFrames: JsonObject[] = [];
  #wake: () => void = () => undefined;

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url, options);
    this.socket.on('message', (data: Buffer) => {
      this.unreadFrames.push(JSON.parse(data.toString('utf8')) as JsonObject);
      this.#wake();
    });
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString('utf8') });
        this.#wake();
      });
    });
  }

  /** The next frame. */
  async next(): Promise<JsonObject> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const frame = this.unreadFrames.shift();
      if (frame !== undefined) return frame;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('The socket has closed');
      if (Date.now() >= deadline) throw new Error('Timed out waiting for a frame');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, deadline - Date.now()).unref();
      });
    }
  }

  /** Waits until the socket is open. @throws Error if it closes instead */
  async opened(): Promise<void> {
    if (this.socket.readyState === WebSocket.CONNECTING) {
      await Promise.race([once(this.socket, 'open'), this.closed]);
    }
    if (this.socket.readyState !== WebSocket.OPEN) throw new Error('The socket has closed');
  }

  send(frame: unknown): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Watches Users and returns the snapshot. */
  async watch(...users: readonly string[]): Promise<JsonObject> {
    this.send({ type: 'watch', users });
    const frame = await this.next();
    if (frame['type'] !== 'snapshot') throw new Error(`Not a snapshot: ${JSON.stringify(frame)}`);
    return frame;
  }

  /** Ends without a close frame, as a client that loses power. */
  terminate(): void {
    this.socket.terminate();
  }
}

/** Starts to connect with a token. */
export function connect(
  { url }: Pick<Program, 'url'>,
  token: string,
  { path = `/stream?token=${token}`, ...options }: StreamOptions = {},
): StreamClient {
  return new StreamClient(`${url.replace(/^http/, 'ws')}${path}`, options);
}
