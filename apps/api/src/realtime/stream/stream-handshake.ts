import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import type { Tracing } from '#shared/tracing/tracing';
import { AccessTokens, type AccessToken } from '../../platform/access-tokens/access-tokens.ts';
import { Sessions } from '../sessions/sessions.ts';
import { LogEntry } from '../../platform/logging/log-entry.ts';
import { HandshakeBudget } from '../sockets/handshake-budget.ts';
import type { GatewaySocket } from '../sockets/gateway-socket.ts';
import { resumePointAt, type ResumePoint } from './resume-point.ts';
import { rejectionOf, SERVER_FAILED, type Rejection } from './rejections.ts';
import { StreamClient } from './stream-client.ts';
import { StreamContext } from './stream-context.ts';
import { TRACING } from '../../platform/injection-tokens.ts';
import { StoreMonitor } from '../../platform/health/store-monitor.ts';
import { logFailure } from '../../platform/log-failure.ts';

/** Milliseconds between two attempts to join a Service. */
const JOIN_RETRY_MS = 1_000;

/** What a client asks for when it opens its socket. */
export interface HandshakeRequest {
  readonly token: string;
  readonly deviceId: string | null;
  /** Sid of the Connection to resume. */
  readonly resume: string | null;
  /** Version up to which the client knows every change. */
  readonly since: string | null;
}

/** A client with an open session. */
interface AcceptedClient {
  readonly client: StreamClient;
  /** Where its changes continue; null for a new Connection. */
  readonly resumeFrom: ResumePoint | null;
}

/**
 * Lets clients in: verifies the token, resumes or opens a session, joins the Service, and sends the ready frame. Unlike
 * in Twilsock, the client object outlives its socket: `StreamContext.clients` keeps it, and it resumes with its
 * watch-list on the new socket.
 */
@Injectable()
export class StreamHandshake {
  readonly #logger = new Logger(StreamHandshake.name);

  constructor(
    private readonly context: StreamContext,
    private readonly tokens: AccessTokens,
    private readonly sessions: Sessions,
    private readonly handshakes: HandshakeBudget,
    private readonly monitor: StoreMonitor,
    @Inject(TRACING) private readonly tracing: Tracing | null,
  ) {}

  /** Returns why the client is rejected; null when it is ready, or its socket has closed in the meantime. */
  perform(socket: GatewaySocket, request: HandshakeRequest): Promise<Rejection | null> {
    const perform = () => this.#perform(socket, request);
    return this.tracing === null
      ? perform()
      : this.tracing.run('connect stream', { kind: SpanKind.SERVER, parent: null }, perform);
  }

  async #perform(socket: GatewaySocket, request: HandshakeRequest): Promise<Rejection | null> {
    try {
      const token = await this.tokens.verify(request.token);
      if (!isOpen(socket)) return null;
      this.handshakes.chargeVerified();
      const resumed = await this.#tryResume(socket, token, request);
      if (resumed === null && !isOpen(socket)) return null;
      const accepted = resumed ?? (await this.#open(socket, token, request.deviceId));
      // The ready frame of a resumed client must follow at once: its changes continue between two that are published.
      if (accepted.resumeFrom !== null) await this.context.publisher.idle();
      if (accepted.client.socket === socket) accepted.client.sendReady(accepted.resumeFrom);
      return null;
    } catch (error) {
      const rejection = rejectionOf(error);
      if (!this.monitor.absorb(error, 'handshakes') && rejection === null) {
        this.#logger.error(new LogEntry(`Cannot open a Connection: ${String(error)}`, { error }));
      }
      return rejection ?? SERVER_FAILED;
    }
  }

  /** Gives the socket to the client that has the Connection, with its watch-list; null if it cannot be resumed. */
  async #tryResume(
    socket: GatewaySocket,
    token: AccessToken,
    { resume, since }: HandshakeRequest,
  ): Promise<AcceptedClient | null> {
    if (resume === null || !(await this.sessions.canResume(token, resume))) return null;
    const client = this.context.clients.get(resume);
    if (client === undefined || !isOpen(socket)) return null;
    if (this.sessions.tryResume(token, resume, client) === null) return null;
    client.attachSocket(socket);
    const resumeFrom = await resumePointAt(this.context.publisher, since).catch(
      (error: unknown): ResumePoint => {
        logFailure(this.#logger, 'warn', `${resume} has to resync`, error);
        return { since: null, reason: 'gap' };
      },
    );
    return { client, resumeFrom };
  }

  /** Opens a Connection for a new client, and joins its Service. */
  async #open(
    socket: GatewaySocket,
    token: AccessToken,
    deviceId: string | null,
  ): Promise<AcceptedClient> {
    const client = new StreamClient(this.context, socket);
    const session = await this.sessions.open(token, 'stream', deviceId, client);
    if (client.startSession(session)) {
      this.context.clients.set(session.connectionSid, client);
      const { serviceSid } = session;
      if (!(await this.#join(client, serviceSid))) void this.#joinLater(client, serviceSid);
    }
    return { client, resumeFrom: null };
  }

  /** Subscribes the client to changes of its Service; false while the read model is too far behind. */
  async #join(client: StreamClient, serviceSid: string): Promise<boolean> {
    const { publisher } = this.context;
    try {
      await publisher.joinService(client.watcher, serviceSid);
    } catch (error) {
      logFailure(this.#logger, 'warn', `Cannot join ${serviceSid} yet`, error);
      return false;
    }
    if (client.session === null) publisher.leaveService(client.watcher, serviceSid);
    return true;
  }

  /**
   * Keeps trying to join. A client needs no read model to be online, so it is let in while that is behind, and
   * receives the flag of its Service once it has joined.
   */
  async #joinLater(client: StreamClient, serviceSid: string): Promise<void> {
    do {
      await delay(JOIN_RETRY_MS, undefined, { ref: false });
      if (client.session === null) return;
    } while (!(await this.#join(client, serviceSid)));
    const service = this.context.publisher.serviceReachability(serviceSid);
    if (service !== null) client.watcher.serviceChanged(service);
  }
}

/** A function, because the compiler takes a property that it has seen once for constant. */
function isOpen({ readyState, OPEN }: GatewaySocket): boolean {
  return readyState === OPEN;
}
