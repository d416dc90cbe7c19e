import { Logger } from '@nestjs/common';
import type { RawData, WebSocket } from 'ws';
import { DomainError, resolveUserSid } from '#domain';
import { formatVersion } from '#read-model';
import type { AccessToken } from '../../tokens/access-tokens.ts';
import type { Client, EndReason } from '../client.ts';
import { CLOSE } from '../close-codes.ts';
import { closeSocket } from '../close-socket.ts';
import { NotServingError } from '../not-serving-error.ts';
import type { Session } from '../session.ts';
import type { Sessions } from '../sessions.ts';
import type { ServiceFacts, UserFacts } from '../user-facts.ts';
import type { WatchHub } from '../watch-hub.ts';
import type { Watcher } from '../watcher.ts';
import { parseFrame, userFrame, type ClientFrame, type ServerFrame } from './frames.ts';

/** Most Users that one connection may watch. */
const MOST_WATCHED = 5_000;

/** What connections of a process share. */
export interface StreamContext {
  readonly sessions: Sessions;
  readonly hub: WatchHub;
  readonly epoch: string;
}

/** Most bytes that may wait for a client that reads slowly. */
const MOST_BUFFERED = 1024 * 1024;

/** Close codes of the reasons for which the service ends a session. */
const CODES: Readonly<Record<EndReason, number>> = {
  'fell silent': CLOSE.failed,
  'token expired': CLOSE.token,
  'taken over': CLOSE.closedElsewhere,
  'user deleted': CLOSE.removed,
  'connection closed': CLOSE.closedElsewhere,
  'node lost': CLOSE.restart,
};

/** One client on `/stream`: a Connection for as long as its socket is open, and a watcher. */
export class StreamConnection implements Watcher, Client {
  readonly #logger = new Logger(StreamConnection.name);
  readonly #context: StreamContext;
  readonly #socket: WebSocket;
  readonly #watched = new Set<string>();
  #session: Session | null = null;
  /** Frames are handled one after another, in the order they came. */
  #work: Promise<void> = Promise.resolve();

  constructor(context: StreamContext, socket: WebSocket) {
    this.#context = context;
    this.#socket = socket;
  }

  ping(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }

  tokenExpires(): void {
    this.#logger.debug('A token is about to expire');
  }

  move(): void {
    closeSocket(this.#socket, CLOSE.restart, 'server stops');
  }

  end(reason: EndReason): void {
    if (reason === 'fell silent') this.#socket.terminate();
    else closeSocket(this.#socket, CODES[reason], reason);
  }

  released(): void {
    this.#session = null;
  }

  /** Opens the Connection and says that it is ready. Settles when the socket has ended. */
  async serve(token: AccessToken, deviceId: string | null): Promise<void> {
    const closed = new Promise<number>((resolve) => this.#socket.once('close', resolve));
    let session: Session;
    try {
      session = await this.#context.sessions.open(token, 'stream', deviceId, this);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    this.#session = session;
    await this.#context.hub.join(this, session.serviceSid);
    this.#ready(session);
    const code = await closed;
    this.#session = null;
    this.#context.hub.unwatch(this, session.serviceSid, this.#watched);
    this.#context.hub.leave(this, session.serviceSid);
    if (code === CLOSE.bye) session.bye();
    else session.lost();
  }

  appeared(facts: UserFacts): void {
    this.#send({ type: 'change', ...userFrame(facts), identity: facts.identity });
  }

  changed(facts: UserFacts): void {
    this.#send({ type: 'change', ...userFrame(facts) });
  }

  gone(sid: string, version: string): void {
    this.#send({ type: 'gone', sid, version });
  }

  switched({ reachabilityEnabled, version }: ServiceFacts): void {
    this.#send({ type: 'service', reachability_enabled: reachabilityEnabled, version });
  }

  #ready({ connectionSid, serviceSid, userSid, identity, position }: Session): void {
    this.#send({
      type: 'ready',
      connection_sid: connectionSid,
      service_sid: serviceSid,
      user_sid: userSid,
      identity,
      version: formatVersion(this.#context.epoch, position),
    });
    this.#socket.on('pong', () => this.#session?.seen());
    this.#socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    this.#socket.resume();
  }

  #refuse(error: unknown): void {
    if (error instanceof DomainError && error.code === 'SERVICE.NOT_FOUND') {
      this.#send({ type: 'error', code: 'no_service', message: 'There is no such Service' });
      closeSocket(this.#socket, CLOSE.noService, 'no such service');
      return;
    }
    if (error instanceof NotServingError) {
      closeSocket(this.#socket, CLOSE.restart, error.reason);
      return;
    }
    this.#logger.error(`A Connection could not be opened: ${String(error)}`);
    this.#send({ type: 'error', code: 'unavailable', message: 'Try again later' });
    closeSocket(this.#socket, CLOSE.failed, 'try again later');
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#session?.seen();
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const frame = isBinary || !Buffer.isBuffer(data) ? null : parseFrame(data.toString('utf8'));
    if (frame === null) {
      this.#send({ type: 'error', code: 'bad_frame', message: 'Not a frame of this protocol' });
      closeSocket(this.#socket, CLOSE.protocol, 'bad frame');
      return;
    }
    // Nothing more is read until this is done: a client that sends faster waits, and the queue stays short.
    this.#socket.pause();
    this.#work = this.#work
      .then(() => this.#handle(frame))
      .catch((error: unknown) => {
        this.#logger.error(`A ${frame.type} frame failed: ${String(error)}`);
        this.#send({ type: 'error', code: 'unavailable', message: `Could not ${frame.type}` });
      })
      .finally(() => this.#socket.resume());
  }

  async #handle(frame: ClientFrame): Promise<void> {
    if (this.#session === null) return;
    const { serviceSid } = this.#session;
    switch (frame.type) {
      case 'watch':
        return this.#watch(serviceSid, frame.users);
      case 'unwatch': {
        const sids = frame.users.map((user) => resolveUserSid(serviceSid, user));
        for (const sid of sids) this.#watched.delete(sid);
        this.#context.hub.unwatch(this, serviceSid, sids);
        return;
      }
      case 'bye':
        this.#session.bye();
        closeSocket(this.#socket, CLOSE.bye, 'bye');
    }
  }

  async #watch(serviceSid: string, users: readonly string[]): Promise<void> {
    const sids = new Map(users.map((user) => [user, resolveUserSid(serviceSid, user)]));
    if (new Set([...this.#watched, ...sids.values()]).size > MOST_WATCHED) {
      const message = `At most ${MOST_WATCHED} Users can be watched`;
      this.#send({ type: 'error', code: 'too_many_watched', message });
      return;
    }
    await this.#context.hub.watch(this, serviceSid, [...sids.values()], (found) => {
      this.#snapshot(sids, found);
    });
    if (this.#session === null) this.#context.hub.unwatch(this, serviceSid, sids.values());
    else for (const sid of sids.values()) this.#watched.add(sid);
  }

  /** @param asked sids by what the client called the Users */
  #snapshot(
    asked: ReadonlyMap<string, string>,
    found: ReadonlyMap<string, UserFacts | null>,
  ): void {
    this.#send({
      type: 'snapshot',
      users: [...found.values()].flatMap((facts) =>
        facts === null ? [] : [{ ...userFrame(facts), identity: facts.identity }],
      ),
      unknown: [...asked].flatMap(([user, sid]) =>
        (found.get(sid) ?? null) === null ? [user] : [],
      ),
    });
  }

  #send(frame: ServerFrame): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(JSON.stringify(frame));
    if (this.#socket.bufferedAmount > MOST_BUFFERED)
      closeSocket(this.#socket, CLOSE.slow, 'reads too slowly');
  }
}
