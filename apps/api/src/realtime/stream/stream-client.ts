import { Logger } from '@nestjs/common';
import type { RawData } from 'ws';
import { resolveUserSid } from '#domain';
import { LogEntry } from '../../platform/logging/log-entry.ts';
import { LimitExceededError } from '../../platform/limit-exceeded-error.ts';
import { ClientConnection } from '../sessions/client-connection.ts';
import type { Session } from '../sessions/session.ts';
import { CLOSE_REASONS, type CloseReason } from '../sockets/close-codes.ts';
import type { GatewaySocket } from '../sockets/gateway-socket.ts';
import { textFrame } from '../sockets/message-frame.ts';
import type { Viewer } from '../watching/viewer.ts';
import type { Watcher } from '../watching/watcher.ts';
import { parseFrame, type ClientFrame, type ClientFrameOf } from './client-frames.ts';
import { OutboundQueue } from './outbound-queue.ts';
import { readyFrame } from './ready-frame.ts';
import { resumePointAt, type ResumePoint } from './resume-point.ts';
import {
  errorFrame,
  type FrameErrorCode,
  type ResyncReason,
  type ServerFrame,
} from './server-frames.ts';
import { WatchSnapshot } from './watch-snapshot.ts';
import type { StreamContext } from './stream-context.ts';
import { WatchList, type SelectedUsers } from './watch-list.ts';

/**
 * Characters of frames that may wait before the socket is paused. Some are read ahead, so that a client that merely
 * reads slowly is not taken for a silent one.
 */
const MAX_WAITING = 8 * 1024;
/** Shared by all clients that watch no User: most of them do not need a list of their own. */
const EMPTY_WATCH_LIST = new WatchList();

const logger = new Logger('Stream');

/**
 * One client of `/stream`: a Connection and a watch-list, with the current socket. It outlives the socket by the
 * grace period, in which another socket may take its place.
 */
export class StreamClient extends ClientConnection<ClientFrame, StreamContext> implements Viewer {
  readonly #outbound: OutboundQueue;
  #watchList = EMPTY_WATCH_LIST;
  /** Users that are counted for this client against the quota of its User. */
  #counted = 0;
  #isResynced = false;
  /** Revision of the session's access for which the client has been sent its Users. */
  #accessRevision = 0;

  /** Takes a socket, and does not read or write it until {@link sendReady}. */
  constructor(context: StreamContext, socket: GatewaySocket) {
    super(context);
    this.#outbound = new OutboundQueue(context, this);
    this.attachSocket(socket);
  }

  /** Receives the changes of its Service and of the Users on its watch-list. */
  get watcher(): Watcher {
    return this.#outbound;
  }

  /**
   * Sends the `ready` frame and, if the client has resumed its Connection, the changes that it has missed; then reads
   * its frames. If it has resumed, call this while no change is being published.
   */
  sendReady(resumeFrom: ResumePoint | null): void {
    const { session, socket } = this;
    if (session === null || socket === null) return;
    const { accessRevision } = session;
    const isAccessSame = accessRevision === this.#accessRevision;
    this.#accessRevision = accessRevision;
    this.startWriting(socket);
    this.#outbound.resumeAfter(isAccessSame ? (resumeFrom?.since ?? null) : null);
    this.#send(readyFrame(session, resumeFrom !== null, this.context));
    if (resumeFrom === null) {
      socket.resume();
      return;
    }
    this.#isResynced = false;
    if (resumeFrom.since === null) this.#resyncOnce(resumeFrom.reason);
    else if (!isAccessSame) this.#resync('access');
    this.onDrain();
  }

  override announceExpiry(inMs: number): void {
    this.#send({ type: 'token_expiring', expires_in_ms: inMs });
  }

  override accessChanged(): void {
    void this.#applyAccess();
  }

  mayWatch(identity: string): boolean {
    return this.session?.mayWatch(identity) === true;
  }

  override move(reconnectInMs: number): void {
    this.#send({ type: 'move', reconnect_in_ms: reconnectInMs });
    this.close('node_stopping');
  }

  protected override close(reason: CloseReason): void {
    const { code, text } = CLOSE_REASONS[reason];
    this.socket?.closeWith(code, text);
  }

  protected override releaseSession(session: Session): void {
    const { serviceSid, connectionSid } = session;
    const { publisher, clients } = this.context;
    publisher.unwatchUsers(this.watcher, serviceSid, this.#watchList);
    publisher.leaveService(this.watcher, serviceSid);
    clients.delete(connectionSid);
    this.#watchList = EMPTY_WATCH_LIST;
    this.#countWatched(session);
  }

  protected override receive(socket: GatewaySocket, data: RawData, isBinary: boolean): void {
    if (!this.isWithinRate()) {
      this.#sendError(undefined, 'too_many_requests', 'Too many frames');
      this.close('too_many_requests');
      return;
    }
    const text = isBinary || !Buffer.isBuffer(data) ? '' : data.toString('utf8');
    const frame = parseFrame(text);
    if (frame === null) {
      this.#sendError(undefined, 'bad_frame', 'Not a frame of this protocol');
      this.close('bad_frame');
      return;
    }
    this.countFrame(frame.type);
    if (this.enqueue(frame, text.length) > MAX_WAITING) socket.pause();
  }

  protected override handle(frame: ClientFrame): Promise<void> | null {
    const { session } = this;
    if (session === null) return null;
    switch (frame.type) {
      case 'ping':
        this.#send({ type: 'pong' });
        return null;
      case 'bye':
        this.closeCleanly();
        return null;
      case 'unwatch':
        this.#unwatch(session, frame);
        return null;
      case 'watch':
        return this.#orUnavailable(frame, this.#watch(session, frame));
      default:
        return this.#orUnavailable(frame, this.#answer(session, frame));
    }
  }

  protected override spanNameOf({ type }: ClientFrame): string | null {
    return type === 'ping' || type === 'bye' ? null : type;
  }

  protected override get isBlocked(): boolean {
    return this.isStalled || this.#outbound.hasPending;
  }

  protected override flush(): void {
    const { session, context } = this;
    if (session === null || !this.isWriting || this.isStalled) return;
    if (!context.publisher.isPublishing) this.#outbound.flush(session, this.#watchList);
    else void context.publisher.idle().then(() => this.onDrain());
  }

  protected override clearOutbound(): void {
    this.#outbound.clear();
  }

  async #answer(
    session: Session,
    frame: ClientFrameOf<'get' | 'bind' | 'unbind' | 'token'>,
  ): Promise<void> {
    this.#send(await this.context.requests.answer(session, frame));
  }

  /**
   * Adds Users to the watch-list in the order of the frame, until it is full, and rejects the rest.
   *
   * @throws LimitExceededError `too_many_lookups`; no User is added then
   * @throws EventStoreUnavailableError when the read model is too far behind; no User is added then
   */
  async #watch(session: Session, frame: ClientFrameOf<'watch'>): Promise<void> {
    const { id, users } = frame;
    const { limits, quota, lookups } = this.context;
    const { serviceSid } = session;
    const roomOfUser = this.#watchList.size + quota.roomOf(session);
    const max = Math.min(limits.watched_users, roomOfUser);
    const selected = this.#watchList.select(serviceSid, users, max);
    lookups.charge(session, selected.added.size);
    if (selected.rejected.length > 0) {
      const message =
        max === limits.watched_users
          ? `At most ${max} Users can be watched`
          : `At most ${quota.max} Users can be watched over all connections of a User`;
      this.#sendError(id, 'too_many_watched', message, { users: selected.rejected });
    }
    if (selected.users.length === 0) return;
    this.#countWatched(session, selected.added.size);
    try {
      await this.#watchSelected(session, selected, frame);
    } finally {
      this.#countWatched(session);
    }
  }

  async #watchSelected(
    { serviceSid }: Session,
    selected: SelectedUsers,
    { id, since, version }: ClientFrameOf<'watch'>,
  ): Promise<void> {
    const { socket } = this;
    const { publisher } = this.context;
    // If this takes too long, the snapshot may be older than the version; changes follow it.
    if (version !== undefined) await publisher.hasReached(version);
    const from = since === undefined ? null : await resumePointAt(publisher, since);
    await publisher.watchUsers(this.watcher, serviceSid, selected.sids, (found) => {
      // A client that has resumed in the meantime repeats its watch.
      if (this.session === null || this.socket !== socket) return;
      if (from?.since === null) this.#resyncOnce(from.reason);
      // The publisher's sids are shared by all that watch these Users.
      if (this.#watchList === EMPTY_WATCH_LIST) this.#watchList = new WatchList();
      this.#watchList.add(found.keys());
      this.#sendSnapshot(new WatchSnapshot(id, selected.users, from?.since ?? null));
    });
    const unwatched = [...selected.added].filter((sid) => !this.#watchList.has(sid));
    publisher.unwatchUsers(this.watcher, serviceSid, unwatched);
  }

  /** Counts the watch-list, and Users that are being added to it, against the quota of the client's User. */
  #countWatched(session: Session, added = 0): void {
    const count = this.#watchList.size + added;
    this.context.quota.adjust(session, count - this.#counted);
    this.#counted = count;
  }

  #unwatch(session: Session, { id, users }: ClientFrameOf<'unwatch'>): void {
    const { serviceSid } = session;
    const sids = users.map((user) => resolveUserSid(serviceSid, user));
    this.#watchList.remove(sids);
    this.#countWatched(session);
    this.context.publisher.unwatchUsers(this.watcher, serviceSid, sids);
    if (id !== undefined) this.#send({ type: 'unwatched', id });
  }

  /** Makes the client drop its states if it may watch other Users than those for which it was sent them. */
  async #applyAccess(): Promise<void> {
    await this.context.publisher.idle();
    const { session } = this;
    // Without a socket, the client resyncs when it resumes.
    if (session === null || !this.isWriting) return;
    if (session.accessRevision === this.#accessRevision) return;
    this.#accessRevision = session.accessRevision;
    this.#resync('access');
  }

  /** Resyncs once for a socket: later requests with an older version refer to states that the client has dropped. */
  #resyncOnce(reason: Exclude<ResyncReason, 'access'>): void {
    if (this.#isResynced) return;
    this.#isResynced = true;
    this.#resync(reason);
  }

  /** Makes the client drop its states, and sends it the state of every User on its watch-list. */
  #resync(reason: ResyncReason): void {
    this.#send({ type: 'resync', reason });
    const watched = [...this.#watchList];
    if (watched.length > 0) this.#sendSnapshot(new WatchSnapshot(undefined, watched, null));
  }

  #sendSnapshot(snapshot: WatchSnapshot): void {
    this.#outbound.addSnapshot(snapshot);
    this.flush();
  }

  async #orUnavailable(
    frame: { type: string; id?: number },
    handled: Promise<void>,
  ): Promise<void> {
    try {
      await handled;
    } catch (error) {
      if (error instanceof LimitExceededError) {
        const { code, message, retryAfterSeconds } = error;
        this.#sendError(frame.id, code, message, { retryAfterSeconds });
        return;
      }
      if (!this.context.monitor.absorb(error, 'frames')) {
        logger.error(
          new LogEntry(`Cannot handle a ${frame.type} frame: ${String(error)}`, { error }),
        );
      }
      this.#sendError(frame.id, 'unavailable', `Could not ${frame.type}; try again`);
    }
  }

  #sendError(
    id: number | undefined,
    code: FrameErrorCode,
    message: string,
    details?: Parameters<typeof errorFrame>[3],
  ): void {
    this.#send(errorFrame(id, code, message, details));
  }

  /** Sends a frame at once, before pending changes. */
  #send(frame: ServerFrame): void {
    if (frame.type === 'error') this.countError(frame.code);
    this.write(textFrame(JSON.stringify(frame)));
  }
}
