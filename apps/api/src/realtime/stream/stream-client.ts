import { WebSocket, type RawData } from 'ws';
import type { EndReason } from '../sessions/client.ts';
import { CLOSE, CLOSE_CODES, type CloseReason } from '../sockets/close-codes.ts';
import { closeSocket } from '../sockets/close-socket.ts';
import type { GatewaySocket, SocketHolder } from '../sockets/gateway-socket.ts';
import type { SessionHandle } from '../sessions/session-handle.ts';
import type { ServiceFacts, UserFacts } from '../watching/user-facts.ts';
import type { AskingClient } from './asking-client.ts';
import { InboundQueue } from './inbound-queue.ts';
import { OutboundQueue, type WatchingRecipient } from './outbound-queue.ts';
import { readyFrame } from './ready-frame.ts';
import type { FrameErrorCode, ResyncReason, ServerFrame } from './server-frames.ts';
import { Snapshot } from './snapshot.ts';
import type { ResumePoint } from './resume-point.ts';
import { GATEWAY, type ResumableClient, type StreamContext } from './stream-context.ts';
import { WatchList, type WatchedSids } from './watch-list.ts';

const { OPEN } = WebSocket;
const NOBODY: WatchedSids = new WatchList();

/**
 * One client on `/stream`: a Connection and a watch-list, with the socket that it has now. It outlives the socket
 * by the grace, in which another may go on in its place. Thousands of these are idle at a time, so what few of them
 * need is made when it is needed.
 */
export class StreamClient
  implements ResumableClient, AskingClient, SocketHolder, WatchingRecipient
{
  readonly #context: StreamContext;
  readonly #outbox: OutboundQueue;
  readonly #intake: InboundQueue;
  #socket: GatewaySocket | null;
  #session: SessionHandle | null = null;
  #watched: WatchList | null = null;
  #resynced = false;
  #over = false;

  /** Holds a socket, and does nothing with it until it is {@link ready}. */
  constructor(context: StreamContext, socket: GatewaySocket) {
    this.#context = context;
    this.#socket = socket;
    this.#outbox = new OutboundQueue(context.outboxes, this);
    this.#intake = new InboundQueue(context, this);
    socket.holder = this;
  }

  get session(): SessionHandle | null {
    return this.#session;
  }

  get serviceSid(): string {
    return this.#session?.serviceSid ?? '';
  }

  get socket(): GatewaySocket | null {
    return this.#socket;
  }

  get isBlocked(): boolean {
    return this.#outbox.isBlocked;
  }

  get watched(): WatchedSids {
    return this.#watched ?? NOBODY;
  }

  /** Its Connection is open; false where that was over at once. */
  begin(session: SessionHandle): boolean {
    if (this.#over) return false;
    this.#session = session;
    this.#context.clients.set(session.connectionSid, this);
    if (this.#socket === null) session.lost();
    return true;
  }

  /** Tells it that it is ready, and reads what it says from now on. */
  ready(): void {
    const [session, socket] = [this.#session, this.#socket];
    if (session === null || socket === null) return;
    this.#outbox.attach(socket, null);
    this.say(readyFrame(this.#context, session, false));
    socket.resume();
  }

  goOn(socket: GatewaySocket): void {
    const before = this.#socket;
    if (before !== null) {
      before.holder = null;
      closeSocket(before, CLOSE.takenOver, 'taken over');
    }
    this.#outbox.detach();
    this.#intake.clear();
    this.#socket = socket;
    socket.holder = this;
  }

  readyAgain(from: ResumePoint): void {
    const [session, socket] = [this.#session, this.#socket];
    if (session === null || socket === null) return;
    this.#outbox.attach(socket, from.since);
    this.say(readyFrame(this.#context, session, true));
    this.#resynced = false;
    if (from.since === null) this.resync(from.reason);
    this.#outbox.flush();
    this.hasRead();
  }

  resync(reason: ResyncReason): void {
    if (this.#resynced) return;
    this.#resynced = true;
    this.say({ type: 'resync', reason });
    if (this.watched.size > 0) this.snapshot(new Snapshot(undefined, [...this.watched], null));
  }

  say(frame: ServerFrame): void {
    this.#outbox.say(frame);
  }

  snapshot(snapshot: Snapshot): void {
    this.#outbox.snapshot(snapshot);
  }

  refuse(
    id: number | undefined,
    code: FrameErrorCode | number,
    message: string,
    users?: readonly string[],
  ): void {
    this.#context.refused.inc({ gateway: GATEWAY, code });
    this.say({ type: 'error', id, code, message, users });
  }

  addWatched(sids: Iterable<string>): void {
    (this.#watched ??= new WatchList()).add(sids);
  }

  removeWatched(sids: Iterable<string>): void {
    this.#watched?.remove(sids);
  }

  bye(): void {
    this.#session?.bye();
    if (this.#socket !== null) closeSocket(this.#socket, CLOSE.bye, 'bye');
  }

  message(data: RawData, isBinary: boolean): void {
    this.#session?.seen();
    if (this.#socket?.readyState !== OPEN) return;
    this.#intake.take(this.#socket, data, isBinary);
  }

  pong(): void {
    this.#session?.seen();
  }

  closed(socket: GatewaySocket, code: number): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#intake.clear();
    this.#outbox.detach();
    if (code === CLOSE.bye) this.#session?.bye();
    else this.#session?.lost();
  }

  userCreated(facts: UserFacts): void {
    this.#outbox.userCreated(facts);
  }

  userChanged(facts: UserFacts): void {
    this.#outbox.userChanged(facts);
  }

  userDeleted(sid: string, version: string): void {
    this.#outbox.userDeleted(sid, version);
  }

  serviceChanged(service: ServiceFacts): void {
    this.#outbox.serviceChanged(service);
  }

  hasRead(): void {
    this.#session?.seen();
    this.#intake.goOn();
  }

  tooSlow(): void {
    this.#context.slowCloses.inc({ gateway: GATEWAY });
    this.#close('reads too slowly');
  }

  ping(): void {
    if (this.#socket?.readyState === OPEN) this.#socket.ping();
  }

  tokenExpires(inMs: number): void {
    this.say({ type: 'token_expiring', expires_in_ms: inMs });
  }

  move(reconnectInMs: number): void {
    this.say({ type: 'move', reconnect_in_ms: reconnectInMs });
    this.#close('node stops');
  }

  end(reason: EndReason): void {
    if (reason === 'fell silent') this.#socket?.terminate();
    else this.#close(reason);
  }

  released(): void {
    const session = this.#session;
    this.#over = true;
    if (session === null) return;
    const { hub, clients } = this.#context;
    hub.unwatchUsers(this, session.serviceSid, this.watched);
    hub.leaveService(this, session.serviceSid);
    clients.delete(session.connectionSid);
    this.#session = null;
    this.#watched = null;
    this.#outbox.detach();
  }

  #close(reason: CloseReason): void {
    if (this.#socket !== null) closeSocket(this.#socket, CLOSE_CODES[reason], reason);
  }
}
