import { encodeFrame } from '../../../apps/api/src/realtime/twilsock/frame.ts';
import { userMapSid } from '../../../apps/api/src/realtime/twilsock/map-sids.ts';
import { now } from './clock.ts';
import { tokenOf } from './light-client.ts';
import { BINARY, LightWebSocket, messageOf, type SocketEnd } from './light-web-socket.ts';
import type { Target } from './load-protocol.ts';

export interface TwilsockListener {
  /** The `reachability` item of a User's map was updated. */
  changed(mapSid: string, online: boolean | null, at: number): void;
  closed(why: SocketEnd): void;
}

interface Header {
  readonly method: string;
  readonly id: string;
  readonly status?: { readonly code: number };
}

/** Version of the format of events that a client asks for. */
export type EventProtocol = 3 | 4;

interface MapEvent {
  readonly map_sid: string;
  readonly item_key: string;
  readonly item_data: { readonly online: boolean | null };
}

/** A notification in either protocol: 4 has a list of events, 3 has one event. */
interface Notification {
  readonly event_type: string;
  readonly events?: readonly MapEvent[];
  readonly event?: MapEvent;
}

const MAGIC = 'TWILSOCK V3.0 ';
const CRLF = '\r\n';
/** Pending replies, sent after all messages that arrived together are read. */
const replies: { readonly to: LightWebSocket; readonly id: string }[] = [];
/** Last encoded reply: all notifications of one change have the same id. */
let lastReply: { readonly id: string; readonly message: Buffer } = {
  id: '',
  message: Buffer.alloc(0),
};

/** A minimal Twilsock client for benches. It replies to notifications as Twilio's SDKs do. */
export class LightTwilsock {
  /** Milliseconds from the attempt to the reply to `init`; null if the server rejected it. */
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
        opened: () => this.#send({ method: 'init', id: 'TM1', token, capabilities }),
        message: (bytes) => this.#onMessage(bytes.toString('latin1')),
        closed: (why) => {
          this.#settle(null);
          listener.closed(why);
        },
      },
    );
  }

  /** Settles once the subscriptions to these Users are established. */
  subscribe(userSids: readonly string[], protocol: EventProtocol = 4): Promise<void> {
    const subscribed = new Promise<void>((resolve) => (this.#onSubscribed = resolve));
    const request = { path: '/v4/Subscriptions', method: 'POST', params: {}, headers: {} };
    this.#send(
      { method: 'message', id: 'TM2', active_grant: 'ip_messaging', http_request: request },
      {
        event_protocol_version: protocol,
        action: 'establish',
        correlation_id: 1,
        requests: userSids.map((sid) => ({ object_sid: userMapSid(sid), object_type: 'map' })),
      },
    );
    return subscribed;
  }

  close(): void {
    this.#send({ method: 'close', id: 'TM3' });
  }

  mute(): void {
    this.#socket.mute();
  }

  drop(): void {
    this.#socket.drop();
  }

  #onMessage(text: string): void {
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
    // A reply between two waiting messages would make the second one appear late.
    if (replies.push({ to: this.#socket, id: header.id }) === 1) setImmediate(sendReplies);
    if (header.method !== 'notification') return;
    const payload = JSON.parse(text.slice(end + CRLF.length)) as Notification;
    const { event_type: type, event, events = event === undefined ? [] : [event] } = payload;
    if (type === 'subscription_established') this.#onSubscribed();
    if (type !== 'map_item_updated') return;
    for (const { map_sid: mapSid, item_key: key, item_data: data } of events) {
      if (key === 'reachability') this.#listener.changed(mapSid, data.online, at);
    }
  }

  #send(header: Parameters<typeof encodeFrame>[0], payload?: unknown): void {
    this.#socket.send(encodeFrame(header, payload));
  }
}

function sendReplies(): void {
  for (const { to, id } of replies.splice(0)) {
    if (lastReply.id !== id) lastReply = { id, message: replyTo(id) };
    to.write(lastReply.message);
  }
}

/** A reply byte for byte as Twilio's SDKs send it. */
function replyTo(id: string): Buffer {
  const type = { payload_type: 'application/json' };
  const status = { code: 200, status: 'OK' };
  return messageOf(BINARY, encodeFrame({ id, method: 'reply', ...type, status }));
}
