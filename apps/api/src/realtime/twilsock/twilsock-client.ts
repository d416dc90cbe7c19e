import { Logger } from '@nestjs/common';
import type { RawData } from 'ws';
import { ClientConnection } from '../sessions/client-connection.ts';
import { CLOSE_REASONS, type CloseReason } from '../sockets/close-codes.ts';
import type { GatewaySocket } from '../sockets/gateway-socket.ts';
import type { Resumable } from './continuations.ts';
import { FrameError, parseFrame } from './frame.ts';
import { readMessage, type ClientMessage, type Incoming } from './messages.ts';
import { NotificationQueue } from './subscriptions/notification-queue.ts';
import { isPlainReply } from './plain-reply.ts';
import { closeFrame, CLOSE_STATUS, okReply, rejectionReply, tokenExpiresFrame } from './replies.ts';
import { SessionList } from './subscriptions/session-list.ts';
import { Subscriptions } from './subscriptions/subscriptions.ts';
import type { TunnelCaller } from './tunnel/tunnel-caller.ts';
import type { TwilsockContext } from './twilsock-context.ts';
import type { AcceptedSession } from './twilsock-handshake.ts';
import type { Reply } from './twilsock-requests.ts';
import { logFailure } from '../../platform/log-failure.ts';

/** Milliseconds that a client has to send `init`. */
const INIT_TIMEOUT_MS = 10_000;
const logger = new Logger('Twilsock');
/** Capability of clients that take the warning that their token is about to expire. */
const CLIENT_UPDATE = 'client_update';

/**
 * One client of Twilio's SDKs, as long as its socket: on another socket, it is another `TwilsockClient` that resumes
 * the session. Subscriptions end with the socket, too: an SDK that reconnects subscribes again from what it knows.
 */
export class TwilsockClient
  extends ClientConnection<Incoming, TwilsockContext>
  implements Resumable
{
  readonly #notifications: NotificationQueue;
  #caller: (TunnelCaller & { readonly subscriptions: Subscriptions }) | null = null;
  #continuationToken: string | null = null;
  #initTimer: NodeJS.Timeout | null;
  #hasSentInit = false;
  #takesUpdates = false;

  constructor(context: TwilsockContext, socket: GatewaySocket) {
    super(context);
    this.#notifications = new NotificationQueue(context.coalesced, this);
    this.#initTimer = setTimeout(
      () => this.#fail('init_timeout', 'says_nothing'),
      INIT_TIMEOUT_MS,
    ).unref();
    this.attachSocket(socket);
    this.startWriting(socket);
    socket.resume();
  }

  override onClose(socket: GatewaySocket, code: number): void {
    this.#stopInitTimer();
    this.#caller?.subscriptions.release();
    super.onClose(socket, code);
  }

  onTakenOver(): void {
    this.#caller?.subscriptions.release();
    this.#caller = null;
    this.leaveSession();
    this.disconnect('taken_over');
  }

  override announceExpiry(): void {
    if (this.#takesUpdates) this.#notifications.send(tokenExpiresFrame());
  }

  override accessChanged(): void {
    const subscriptions = this.#caller?.subscriptions;
    if (subscriptions === undefined) return;
    subscriptions.accessChanged().catch((error: unknown) => {
      // What the client has lost is hidden by now. What it has regained, it gets when it subscribes again.
      logFailure(logger, 'warn', 'Cannot show Users again', error);
    });
  }

  override move(reconnectInMs: number): void {
    this.close('node_stopping', reconnectInMs);
  }

  protected override close(reason: CloseReason, reconnectInMs?: number): void {
    this.#notifications.send(closeFrame(reason, reconnectInMs));
    this.socket?.closeWith(CLOSE_REASONS[reason].code, CLOSE_STATUS[reason].status);
  }

  protected override releaseSession(): void {
    this.#caller?.subscriptions.release();
    this.#caller = null;
    if (this.#continuationToken !== null) {
      this.context.continuations.revoke(this.#continuationToken);
    }
  }

  protected override receive(_: GatewaySocket, data: RawData, isBinary: boolean): void {
    const bytes = isBinary && Buffer.isBuffer(data) ? data : null;
    if (bytes !== null && isPlainReply(bytes) && this.#notifications.acknowledge()) return;
    const incoming = bytes === null ? null : readIncoming(bytes);
    if (incoming === null || !this.#isInOrder(incoming.message)) {
      this.#fail('bad_frame');
      return;
    }
    const { frame, message } = incoming;
    // A reply to a notification is not counted. One more than there were notifications is.
    if (frame.header.method === 'reply' && this.#notifications.acknowledge()) return;
    if (!this.isWithinRate()) {
      this.#fail('too_many_requests');
      return;
    }
    this.countFrame(message.method);
    if (message.method !== 'ignored') this.enqueue({ frame, message }, bytes?.length ?? 0);
  }

  protected override handle({ message, frame }: Incoming): Promise<void> | null {
    switch (message.method) {
      case 'init':
        return this.#pauseFor(this.#init(message));
      case 'update':
        return this.#pauseFor(this.#reply(this.context.requests.update(this.session, message)));
      case 'message':
        if (this.#caller === null) return null;
        return this.#pauseFor(
          this.#reply(this.context.requests.message(this.#caller, message, frame)),
        );
      case 'notification context':
        this.write(okReply(message.id));
        return null;
      case 'close':
        this.closeCleanly();
        return null;
    }
  }

  protected override spanNameOf({ message: { method } }: Incoming): string | null {
    return method === 'notification context' || method === 'close' ? null : method;
  }

  protected override get isBlocked(): boolean {
    return this.isStalled || this.#notifications.hasPending;
  }

  protected override flush(): void {
    this.#notifications.flush();
  }

  protected override clearOutbound(): void {
    this.#notifications.clear();
  }

  async #init(init: Extract<ClientMessage, { method: 'init' }>): Promise<void> {
    const result = await this.context.handshake.perform(this, init);
    if ('session' in result) this.#accept(result, init);
    else {
      this.countError(result.errorCode);
      this.write(rejectionReply(init.id, result));
      this.socket?.closeWith(result.close, result.status);
    }
  }

  /** Starts the session; it may have ended by now, or the socket. */
  #accept(
    { session, endpointId, continuationToken }: AcceptedSession,
    { id, capabilities }: Extract<ClientMessage, { method: 'init' }>,
  ): void {
    this.#stopInitTimer();
    if (!this.startSession(session)) {
      this.context.continuations.revoke(continuationToken);
      return;
    }
    const { subscriptions: context } = this.context;
    const queue = this.#notifications;
    const sessionList = new SessionList(session, context.eventIds, context.notifications, queue);
    const subscriptions = new Subscriptions(context, session, queue, sessionList);
    this.#caller = { session, endpointId, subscriptions, sessionList };
    this.#continuationToken = continuationToken;
    this.#takesUpdates = capabilities.includes(CLIENT_UPDATE);
    this.write(
      okReply(id, {
        capabilities: this.#takesUpdates ? [CLIENT_UPDATE] : [],
        continuation_token: continuationToken,
      }),
    );
  }

  async #reply(answer: Promise<Reply>): Promise<void> {
    const { frame, errorCode } = await answer;
    if (errorCode !== null) this.countError(errorCode);
    this.write(frame);
  }

  /** Reads nothing more from the socket while a message is being answered. */
  #pauseFor(handled: Promise<void>): Promise<void> {
    this.socket?.pause();
    return handled;
  }

  /**
   * Disconnects a client that violates the protocol.
   *
   * @param label of the error in the metrics
   */
  #fail(reason: 'bad_frame' | 'init_timeout' | 'too_many_requests', label: string = reason): void {
    this.countError(label);
    this.close(reason);
  }

  /** Whether the first message is `init`, and no later one is. */
  #isInOrder({ method }: ClientMessage): boolean {
    if (method === 'close' || method === 'ignored') return true;
    const isFirst = !this.#hasSentInit;
    this.#hasSentInit = true;
    return (method === 'init') === isFirst;
  }

  #stopInitTimer(): void {
    if (this.#initTimer !== null) clearTimeout(this.#initTimer);
    this.#initTimer = null;
  }
}

/** Returns the message in a frame; null if it is not Twilsock. */
function readIncoming(bytes: Buffer): {
  readonly frame: Incoming['frame'];
  readonly message: ClientMessage;
} | null {
  try {
    const frame = parseFrame(bytes);
    const message = readMessage(frame.header);
    return message === null ? null : { frame, message };
  } catch (error) {
    if (error instanceof FrameError) return null;
    throw error;
  }
}
