import { WebSocket, type ClientOptions } from 'ws';
import {
  encodeFrame,
  parseFrame,
  readPayload,
} from '../../../apps/api/src/realtime/twilsock/frame.ts';
import { fieldsOf, listOf, textOf, type Fields } from '../../support/fields.ts';
import type { Program } from '../../support/program.ts';

/** Longest wait for a frame, in milliseconds. */
const PATIENCE_MS = 30_000;

export interface TwilsockFrame {
  readonly header: Fields;
  readonly payload: Fields;
}

export interface TunnelledRequest {
  readonly method: string;
  readonly path: string;
  readonly params?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: unknown;
}

export interface TunnelledAnswer {
  readonly status: number;
  readonly body: Fields;
}

/** A Twilsock client that sends any bytes, valid or not. */
export class RawClient {
  readonly socket: WebSocket;
  readonly opened: Promise<void>;
  readonly closed: Promise<number>;
  #unread: TwilsockFrame[] = [];
  #wake: () => void = () => undefined;
  #nextId = 1;

  constructor({ url }: Pick<Program, 'url'>, options: ClientOptions = {}) {
    this.socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v3/wsconnect`, options);
    this.socket.on('message', (data: Buffer) => {
      const frame = parseFrame(data);
      const payload = fieldsOf(readPayload(frame) ?? {});
      this.#unread.push({ header: frame.header, payload });
      this.#wake();
    });
    this.socket.on('error', () => undefined);
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', resolve);
      this.socket.once('error', reject);
    });
    this.opened.catch(() => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code) => {
        resolve(code);
        this.#wake();
      });
    });
  }

  /** Connects a client and returns it with the reply to `init`. */
  static async init(
    program: Pick<Program, 'url'>,
    token: string,
    fields: object = {},
  ): Promise<{ readonly client: RawClient; readonly reply: TwilsockFrame }> {
    const client = new RawClient(program);
    await client.opened;
    return { client, reply: await client.ask({ method: 'init', token, ...fields }) };
  }

  send(bytes: Buffer | string): void {
    this.socket.send(bytes);
  }

  /** Sends a frame and returns its reply. */
  ask(header: { readonly method: string; readonly [field: string]: unknown }, payload?: unknown) {
    const id = `TM${this.#nextId}`;
    this.#nextId += 1;
    this.send(encodeFrame({ ...header, id }, payload));
    return this.next((frame) => frame.header['method'] === 'reply' && frame.header['id'] === id);
  }

  async request({ body, ...request }: TunnelledRequest): Promise<TunnelledAnswer> {
    const header = { method: 'message', active_grant: 'ip_messaging', http_request: request };
    const reply = await this.ask(header, body);
    const { code } = fieldsOf(reply.header['http_status']);
    if (typeof code !== 'number') throw new Error(`Not an answer: ${JSON.stringify(reply)}`);
    return { status: code, body: reply.payload };
  }

  /** The next matching frame; others stay unread. */
  async next(matches: (frame: TwilsockFrame) => boolean = () => true): Promise<TwilsockFrame> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const index = this.#unread.findIndex(matches);
      const [found] = index < 0 ? [] : this.#unread.splice(index, 1);
      if (found !== undefined) return found;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('The socket has closed');
      if (Date.now() >= deadline) throw new Error('Timed out waiting for a frame');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, deadline - Date.now()).unref();
      });
    }
  }

  notification(eventType: string): Promise<TwilsockFrame> {
    return this.next(({ payload }) => payload['event_type'] === eventType);
  }

  /** Subscribes to a map and returns the notification that it was established or failed. */
  async subscribe(mapSid: string, lastEventId?: number): Promise<TwilsockFrame> {
    const asked = { object_sid: mapSid, object_type: 'map', last_event_id: lastEventId };
    const { status } = await this.request({
      method: 'POST',
      path: '/v4/Subscriptions',
      body: { action: 'establish', correlation_id: 1, requests: [asked] },
    });
    if (status !== 200) throw new Error(`Subscription failed: ${status}`);
    return this.next(
      ({ payload }) =>
        'event_type' in payload && textOf(payload, 'event_type').startsWith('subscription_'),
    );
  }
}

/** The events of a notification. */
export function eventsOf({ payload }: TwilsockFrame): Fields[] {
  return listOf(payload['events']);
}
