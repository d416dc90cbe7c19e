import { Logger } from '@nestjs/common';
import type { Client, EndReason } from '../realtime/client.ts';
import { CLOSE } from '../realtime/close-codes.ts';
import type { GatewaySocket } from '../realtime/gateway-socket.ts';
import type { Session } from '../realtime/session.ts';
import type { AccessToken } from '../tokens/access-tokens.ts';
import { CLOSE_STATUS, type CloseReason } from './close-status.ts';
import { FrameError, readPayload, type Frame } from './frame.ts';
import type { ClientMessage } from './messages.ts';
import { Outbox } from './outbox.ts';
import {
  closeFrame,
  okReply,
  refusalOf,
  refusalReply,
  REFUSALS,
  tokenExpiresFrame,
  tunnelReply,
  type Refusal,
} from './replies.ts';
import { Subscriptions } from './subscriptions.ts';
import { GATEWAY, type TwilsockContext } from './twilsock-context.ts';
import { toTunnelRequest } from './tunnel/tunnel-request.ts';

type Said<Method extends ClientMessage['method']> = Extract<ClientMessage, { method: Method }>;

/** Longest name of a device, in characters; what is longer is cut. */
const LONGEST_ENDPOINT = 255;
const CAPABILITY = 'client_update';

/** What a client is once it was let in. */
interface Admitted {
  readonly session: Session;
  readonly subscriptions: Subscriptions;
  readonly endpointId: string | null;
  readonly continuationToken: string;
}

/**
 * One client of Twilio's, for as long as its socket: another that goes on with its session is another of these.
 * Its subscriptions end with the socket too, for an SDK that comes back subscribes anew from what it knows.
 */
export class TwilsockClient implements Client {
  readonly #logger = new Logger(TwilsockClient.name);
  readonly #context: TwilsockContext;
  readonly #socket: GatewaySocket;
  readonly #outbox: Outbox;
  #admitted: Admitted | null = null;
  /** Whether it understands that its token is about to expire. */
  #takesUpdates = false;
  #superseded = false;
  /** How many of our frames it has yet to reply to. */
  #unanswered = 0;

  constructor(context: TwilsockContext, socket: GatewaySocket) {
    const { metrics } = context;
    this.#context = context;
    this.#socket = socket;
    this.#outbox = new Outbox(socket, {
      keptBack: () => metrics.coalesced.inc(),
      tooSlow: () => {
        metrics.slowCloses.inc({ gateway: GATEWAY });
        this.close('reads too slowly');
      },
    });
  }

  get isAdmitted(): boolean {
    return this.#admitted !== null;
  }

  /** The client has said something, or answered a ping. */
  seen(): void {
    this.#admitted?.session.seen();
  }

  /** A reply came; false when there was nothing to reply to. */
  replied(): boolean {
    if (this.#unanswered === 0) return false;
    this.#unanswered -= 1;
    return true;
  }

  /** Lets the client in, or says why not. */
  async init({ id, token, continuationToken, capabilities }: Said<'init'>): Promise<void> {
    this.#takesUpdates = capabilities.includes(CAPABILITY);
    let admitted: Admitted;
    try {
      const accessToken = await this.#context.tokens.verify(token);
      admitted = this.#resume(accessToken, continuationToken) ?? (await this.#open(accessToken));
    } catch (error) {
      this.#refuse(id, error);
      return;
    }
    this.#admitted = admitted;
    if (this.#socket.readyState !== this.#socket.OPEN) {
      this.socketClosed(false);
      return;
    }
    this.#outbox.send(
      okReply(id, {
        capabilities: this.#takesUpdates ? [CAPABILITY] : [],
        continuation_token: admitted.continuationToken,
      }),
    );
  }

  async update({ id, token }: Said<'update'>): Promise<void> {
    let refusal: Refusal | null;
    try {
      const accessToken = await this.#context.tokens.verify(token);
      refusal = this.#admitted?.session.renew(accessToken) === true ? null : REFUSALS.NOT_YOURS;
    } catch (error) {
      refusal = this.#refusalOf(error);
    }
    this.#outbox.send(refusal === null ? okReply(id) : refusalReply(id, refusal));
  }

  async message({ id, request }: Said<'message'>, frame: Frame): Promise<void> {
    if (this.#admitted === null) return;
    const answer = await this.#context.tunnel.answer(
      toTunnelRequest(request, bodyOf(frame)),
      this.#admitted,
    );
    if (answer.status >= 400) this.#count(answer.status);
    this.#outbox.send(tunnelReply(id, answer));
  }

  acknowledge({ id }: Said<'notification context'>): void {
    this.#outbox.send(okReply(id));
  }

  /** The client goes for good. */
  bye(): void {
    this.#admitted?.session.bye();
    this.#socket.close(CLOSE.bye);
  }

  /** The socket is closed; in good order, where the client gave the code for it. */
  socketClosed(inGoodOrder: boolean): void {
    if (this.#admitted === null || this.#superseded) return;
    const { session, subscriptions } = this.#admitted;
    subscriptions.release();
    if (inGoodOrder) session.bye();
    else session.lost();
  }

  /** Another socket goes on with the session of this one. */
  superseded(): void {
    this.#superseded = true;
    this.#admitted?.subscriptions.release();
    this.end('taken over');
  }

  ping(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }

  tokenExpires(): void {
    if (this.#takesUpdates) this.#say(tokenExpiresFrame());
  }

  move(reconnectInMs: number): void {
    this.close('node stops', reconnectInMs);
  }

  end(reason: EndReason): void {
    if (reason === 'fell silent') this.#socket.terminate();
    else this.close(reason);
  }

  released(): void {
    const admitted = this.#admitted;
    if (admitted === null) return;
    admitted.subscriptions.release();
    this.#context.continuations.revoke(admitted.continuationToken);
  }

  /** Says why, and closes the socket. */
  close(reason: CloseReason, reconnectInMs?: number): void {
    this.#say(closeFrame(reason, reconnectInMs));
    this.#socket.close(CLOSE_CODES[reason], CLOSE_STATUS[reason].status);
  }

  #say(frame: Buffer): void {
    this.#unanswered += 1;
    this.#outbox.send(frame);
  }

  #resume(token: AccessToken, continuationToken: string | null): Admitted | null {
    const { continuations, sessions } = this.#context;
    const held = continuationToken === null ? null : continuations.find(continuationToken);
    if (held === null || continuationToken === null) return null;
    const session = sessions.resume(token, held.connectionSid, this);
    if (session === null) return null;
    continuations.revoke(continuationToken);
    held.client.superseded();
    return this.#admit(session, token);
  }

  async #open(token: AccessToken): Promise<Admitted> {
    const deviceId = token.endpointId ?? null;
    const session = await this.#context.sessions.open(token, GATEWAY, deviceId, this);
    return this.#admit(session, token);
  }

  #admit(session: Session, { endpointId }: AccessToken): Admitted {
    const { subscriptions, continuations } = this.#context;
    return {
      session,
      subscriptions: new Subscriptions(subscriptions, session, {
        send: (frame) => this.#say(frame),
        offer: (userSid, item, frame) => {
          this.#unanswered += 1;
          this.#outbox.offer(userSid, item, frame);
        },
        forget: (userSid) => this.#outbox.forget(userSid),
      }),
      endpointId: endpointId?.slice(0, LONGEST_ENDPOINT) ?? null,
      continuationToken: continuations.issue(session.connectionSid, this),
    };
  }

  #refuse(id: string, error: unknown): void {
    const refusal = this.#refusalOf(error);
    this.#outbox.send(refusalReply(id, refusal));
    this.#socket.close(refusal.code === 401 ? CLOSE.token : CLOSE.failed, refusal.status);
  }

  #refusalOf(error: unknown): Refusal {
    const refusal = refusalOf(error);
    if (refusal === null) this.#logger.error(`A client could not be served: ${String(error)}`);
    const { errorCode, code } = refusal ?? REFUSALS.UNAVAILABLE;
    this.#count(errorCode ?? code);
    return refusal ?? REFUSALS.UNAVAILABLE;
  }

  #count(code: number): void {
    this.#context.metrics.refused.inc({ gateway: GATEWAY, code: String(code) });
  }
}

/** WebSocket codes that go with the reasons: those of `/stream`. */
const CLOSE_CODES: Readonly<Record<CloseReason, number>> = {
  'fell silent': CLOSE.failed,
  'token expired': CLOSE.token,
  'taken over': CLOSE.closedElsewhere,
  'user deleted': CLOSE.removed,
  'connection closed': CLOSE.closedElsewhere,
  'node lost': CLOSE.restart,
  'node stops': CLOSE.restart,
  'reads too slowly': CLOSE.slow,
  'too many requests': CLOSE.slow,
  'bad frame': CLOSE.protocol,
};

/** The body of a tunnelled request. One that is no JSON is left to whoever wanted to read it. */
function bodyOf(frame: Frame): unknown {
  try {
    return readPayload(frame);
  } catch (error) {
    if (error instanceof FrameError) return undefined;
    throw error;
  }
}
