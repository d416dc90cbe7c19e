import { encodeFrame } from '../../../apps/api/src/realtime/twilsock/frame.ts';
import { userMapSid } from '../../../apps/api/src/realtime/twilsock/map-sids.ts';
import { now } from './clock.ts';
import { tokenOf } from './light-client.ts';
import { BINARY, LightWebSocket, messageOf, type Ending } from './light-web-socket.ts';
import type { Target } from './load-protocol.ts';

export interface TwilsockListener {
  /** A User's reachability was told, in an update of the item of its map. */
  told(mapSid: string, online: boolean | null, at: number): void;
  closed(why: Ending): void;
}

interface Header {
  readonly method: string;
  readonly id: string;
  readonly status?: { readonly code: number };
}

interface Notification {
  readonly event_type: string;
  readonly events: readonly {
    readonly map_sid: string;
    readonly item_key: string;
    readonly item_data: { readonly online: boolean | null };
  }[];
}

const MAGIC = 'TWILSOCK V3.0 ';
const CRLF = '\r\n';
/** What is to be replied to, once all messages that came with it were read. */
const replies: { readonly to: LightWebSocket; readonly id: string }[] = [];
/** All who are told of a change are told with the same id. */
let lastReply: { readonly id: string; readonly message: Buffer } = {
  id: '',
  message: Buffer.alloc(0),
};

/** As little of Twilio's SDKs as the load of a bench needs. It replies to what it is told, as they do. */
export class LightTwilsock {
  /** Milliseconds from the attempt to the reply to `init`; null where it was not let in. */
  readonly ready: Promise<number | null>;
  readonly #socket: LightWebSocket;
  readonly #listener: TwilsockListener;
  readonly #startedAt = now();
  #settle: (latency: number | null) => void = () => undefined;
  #onSubscribed: () => void = () => undefined;

  constructor(target: Target, identity: string, listener: TwilsockListener) {
    const token = tokenOf(target, identity);
    this.#listener = listener;
    this.ready = new Promise((resolve) => (this.#settle = resolve));
    const capabilities = ['client_update', 'offline_storage'];
    this.#socket = new LightWebSocket(
      { port: target.port, path: '/v3/wsconnect', opcode: BINARY },
      {
        opened: () => this.#say({ method: 'init', id: 'TM1', token, capabilities }),
        message: (bytes) => this.#read(bytes.toString('latin1')),
        closed: (why) => {
          this.#settle(null);
          listener.closed(why);
        },
      },
    );
  }

  /** Settles once the subscriptions to these Users are established. */
  subscribe(userSids: readonly string[]): Promise<void> {
    const subscribed = new Promise<void>((resolve) => (this.#onSubscribed = resolve));
    const request = { path: '/v4/Subscriptions', method: 'POST', params: {}, headers: {} };
    this.#say(
      { method: 'message', id: 'TM2', active_grant: 'ip_messaging', http_request: request },
      {
        event_protocol_version: 4,
        action: 'establish',
        correlation_id: 1,
        requests: userSids.map((sid) => ({ object_sid: userMapSid(sid), object_type: 'map' })),
      },
    );
    return subscribed;
  }

  bye(): void {
    this.#say({ method: 'close', id: 'TM3' });
  }

  mute(): void {
    this.#socket.mute();
  }

  drop(): void {
    this.#socket.drop();
  }

  #read(text: string): void {
    const at = now();
    const start = text.indexOf(CRLF) + CRLF.length;
    const end = start + Number(text.slice(MAGIC.length, start - CRLF.length));
    const header = JSON.parse(text.slice(start, end)) as Header;
    if (header.method === 'reply') {
      if (header.id === 'TM1') {
        this.#settle(header.status?.code === 200 ? at - this.#startedAt : null);
      }
      return;
    }
    // Not in between the messages that wait to be read: those would seem to have come later than they did.
    if (replies.push({ to: this.#socket, id: header.id }) === 1) setImmediate(sendReplies);
    if (header.method !== 'notification') return;
    const { event_type: type, events } = JSON.parse(text.slice(end + CRLF.length)) as Notification;
    if (type === 'subscription_established') this.#onSubscribed();
    if (type !== 'map_item_updated') return;
    for (const { map_sid: mapSid, item_key: key, item_data: data } of events) {
      if (key === 'reachability') this.#listener.told(mapSid, data.online, at);
    }
  }

  #say(header: Parameters<typeof encodeFrame>[0], payload?: unknown): void {
    this.#socket.send(encodeFrame(header, payload));
  }
}

function sendReplies(): void {
  for (const { to, id } of replies.splice(0)) {
    if (lastReply.id !== id) lastReply = { id, message: replyTo(id) };
    to.write(lastReply.message);
  }
}

/** A reply by the letter of Twilio's SDKs. */
function replyTo(id: string): Buffer {
  const type = { payload_type: 'application/json' };
  const status = { code: 200, status: 'OK' };
  return messageOf(BINARY, encodeFrame({ id, method: 'reply', ...type, status }));
}
