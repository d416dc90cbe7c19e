import type { RawData } from 'ws';
import type { EndReason } from '../sessions/client.ts';
import { CLOSE, CLOSE_CODES, type CloseReason } from '../sockets/close-codes.ts';
import { closeSocket } from '../sockets/close-socket.ts';
import type { GatewaySocket, SocketHolder } from '../sockets/gateway-socket.ts';
import type { SessionHandle } from '../sessions/session-handle.ts';
import type { Recipient } from '../sockets/socket-writer.ts';
import { CLOSE_STATUS } from './close-status.ts';
import { GATEWAY } from './gateway-name.ts';
import { InboundQueue } from './inbound-queue.ts';
import type { ClientMessage } from './messages.ts';
import { OutboundQueue } from './outbound-queue.ts';
import { closeFrame, okReply, refusalReply, tokenExpiresFrame, type Refusal } from './replies.ts';
import type { Admitted, Speaker } from './speaker.ts';
import { Subscriptions, type Outlet } from './subscriptions.ts';
import type { TwilsockContext } from './twilsock-context.ts';

/** Milliseconds that a client has to say who it is. */
const INIT_MS = 10_000;
/** What a client has to be capable of to be told that its token is about to expire. */
const CAPABILITY = 'client_update';

/**
 * One client of Twilio's, for as long as its socket: another that goes on with its session is another of these.
 * Its subscriptions end with the socket too, for an SDK that comes back subscribes anew from what it knows.
 */
export class TwilsockClient implements Speaker, SocketHolder, Recipient, Outlet {
  readonly #context: TwilsockContext;
  readonly #socket: GatewaySocket;
  readonly #outbox: OutboundQueue;
  readonly #intake: InboundQueue;
  #admitted: Admitted | null = null;
  #initTimer: NodeJS.Timeout | null;
  #takesUpdates = false;
  /** Its socket is closed, or another goes on with its session. */
  #ended = false;
  #over = false;
  /** How many of our frames it has yet to reply to. */
  #unanswered = 0;

  constructor(context: TwilsockContext, socket: GatewaySocket) {
    this.#context = context;
    this.#socket = socket;
    this.#outbox = new OutboundQueue(context.outboxes, socket, this);
    this.#intake = new InboundQueue(context, this, socket);
    this.#initTimer = setTimeout(() => this.turnAway('says nothing'), INIT_MS).unref();
    socket.holder = this;
    socket.resume();
  }

  get admitted(): Admitted | null {
    return this.#admitted;
  }

  get isBlocked(): boolean {
    return this.#outbox.isBlocked;
  }

  begin(
    admitted: Admitted,
    { id, capabilities }: Extract<ClientMessage, { method: 'init' }>,
  ): void {
    this.#stopWaiting();
    this.#admitted = admitted;
    this.#takesUpdates = capabilities.includes(CAPABILITY);
    if (this.#over) this.released();
    else if (this.#ended) {
      admitted.subscriptions.release();
      admitted.session.lost();
    }
    const { continuationToken: continuation_token } = admitted;
    this.#outbox.send(
      okReply(id, { capabilities: this.#takesUpdates ? [CAPABILITY] : [], continuation_token }),
    );
  }

  subscriptionsOf(session: SessionHandle): Subscriptions {
    return new Subscriptions(this.#context.subscriptions, session, this);
  }

  refuse(id: string, refusal: Refusal): void {
    this.#outbox.send(refusalReply(id, this.counted(refusal)));
    closeSocket(this.#socket, refusal.close, refusal.status);
  }

  turnAway(reason: 'bad frame' | 'says nothing' | 'too many requests'): void {
    this.#count(reason.replaceAll(' ', '_'));
    this.close(reason);
  }

  counted(refusal: Refusal): Refusal {
    this.#count(refusal.errorCode);
    return refusal;
  }

  answer(frame: Buffer, status: number): void {
    if (status >= 400) this.#count(status);
    this.#outbox.send(frame);
  }

  say(frame: Buffer): void {
    this.#outbox.send(frame);
  }

  send(notification: Buffer): void {
    this.#unanswered += 1;
    this.#outbox.send(notification);
  }

  offer(userSid: string, item: string, notification: Buffer): void {
    this.#unanswered += 1;
    this.#outbox.offer(userSid, item, notification);
  }

  forget(userSid: string): void {
    this.#outbox.forget(userSid);
  }

  replied(): boolean {
    if (this.#unanswered === 0) return false;
    this.#unanswered -= 1;
    return true;
  }

  bye(): void {
    this.#admitted?.session.bye();
    closeSocket(this.#socket, CLOSE.bye, 'bye');
  }

  message(data: RawData, isBinary: boolean): void {
    this.#admitted?.session.seen();
    if (this.#socket.readyState === this.#socket.OPEN) this.#intake.take(data, isBinary);
  }

  pong(): void {
    this.#admitted?.session.seen();
  }

  closed(_: GatewaySocket, code: number): void {
    this.#stopWaiting();
    this.#outbox.end();
    this.#intake.clear();
    if (this.#ended) return;
    this.#ended = true;
    this.#admitted?.subscriptions.release();
    if (code === CLOSE.bye) this.#admitted?.session.bye();
    else this.#admitted?.session.lost();
  }

  superseded(): void {
    this.#ended = true;
    this.#admitted?.subscriptions.release();
    this.end('taken over');
  }

  hasRead(): void {
    this.#admitted?.session.seen();
    this.#intake.goOn();
  }

  tooSlow(): void {
    this.#context.metrics.slowCloses.inc({ gateway: GATEWAY });
    this.close('reads too slowly');
  }

  ping(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }

  tokenExpires(): void {
    if (this.#takesUpdates) this.send(tokenExpiresFrame());
  }

  move(reconnectInMs: number): void {
    this.close('node stops', reconnectInMs);
  }

  end(reason: EndReason): void {
    if (reason === 'fell silent') this.#socket.terminate();
    else this.close(reason);
  }

  released(): void {
    this.#over = true;
    const admitted = this.#admitted;
    if (admitted === null) return;
    this.#admitted = null;
    admitted.subscriptions.release();
    this.#context.continuations.revoke(admitted.continuationToken);
  }

  /** Says why, and closes the socket. */
  close(reason: CloseReason, reconnectInMs?: number): void {
    this.send(closeFrame(reason, reconnectInMs));
    closeSocket(this.#socket, CLOSE_CODES[reason], CLOSE_STATUS[reason].status);
  }

  #count(code: string | number): void {
    this.#context.metrics.refused.inc({ gateway: GATEWAY, code });
  }

  #stopWaiting(): void {
    if (this.#initTimer !== null) clearTimeout(this.#initTimer);
    this.#initTimer = null;
  }
}
