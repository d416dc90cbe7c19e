import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  deriveSid,
  DomainError,
  serviceEventSchemas,
  userSid as userSidOf,
  type ReachabilityEvent,
  type ServiceEvent,
  type Transport,
} from '#domain';
import { AppendOutcomeUnknownError, EventStoreError } from '#event-store';
import { Settings } from '#shared/settings/settings';
import { LocalNode } from '../../cluster/local-node.ts';
import type { AccessToken } from '../../platform/access-tokens/access-tokens.ts';
import { TokenError } from '../../platform/access-tokens/token-error.ts';
import { ApiKeyDirectory, type SecretRef } from '../../platform/api-keys/api-key-directory.ts';
import { CLOCK, MONOTONIC, type Clock, type Monotonic } from '../../platform/injection-tokens.ts';
import { KeyedRateLimiter } from '../../platform/keyed-rate-limiter.ts';
import { OpenSocketConnection } from '../../use-cases/connections/open-socket-connection.ts';
import { KeyedCounter } from '../../platform/keyed-counter.ts';
import { LogFeed, type LogEvent } from '../watching/log-feed.ts';
import { AdmissionControl } from './admission-control.ts';
import { CloseRecorder } from './close-recorder.ts';
import { commandContext } from './session-command-context.ts';
import { InFlight } from './in-flight.ts';
import { LoggedConnections } from './logged-connections.ts';
import { ServiceRulesCache } from './service-rules.ts';
import type { DisconnectReason, SessionClient } from './session-client.ts';
import { NotServingError } from './session-errors.ts';
import { SessionMetrics } from './session-metrics.ts';
import { Session, type CloseDetails, type SessionContext } from './session.ts';
import { TimingWheel } from './timing-wheel.ts';

/** Sessions ended in one turn of the event loop. */
const ENDED_AT_ONCE = 100;

type SessionLimits = Pick<
  Settings,
  'CONNECTIONS_PER_USER' | 'CONNECTS_PER_USER_PER_SECOND' | 'CONNECT_BURST_PER_USER'
>;

/**
 * The sessions of the clients of this process, in any protocol: each holds a Connection, which outlives its socket
 * by the grace period of its Service.
 */
@Injectable()
export class Sessions {
  readonly #logger = new Logger(Sessions.name);
  readonly #admission: AdmissionControl;
  readonly #context: SessionContext;
  readonly #rules: ServiceRulesCache;
  readonly #closes: CloseRecorder;
  readonly #logged: LoggedConnections;
  /** By sid of the Connection, from before it is opened until the session has ended. */
  readonly #sessions = new Map<string, Session>();
  /** Sessions that were told to move and still have their socket. */
  readonly #moving = new InFlight();

  constructor(
    private readonly commands: CommandBus,
    queries: QueryBus,
    private readonly node: LocalNode,
    feed: LogFeed,
    wheel: TimingWheel,
    private readonly metrics: SessionMetrics,
    @Inject(Settings) settings: SessionLimits,
    @Inject(CLOCK) clock: Clock,
    @Inject(ApiKeyDirectory) private readonly keys: Pick<ApiKeyDirectory, 'isValid'>,
    @Inject(MONOTONIC) monotonic: Monotonic,
  ) {
    this.#rules = new ServiceRulesCache(queries);
    const connections = new KeyedCounter(settings.CONNECTIONS_PER_USER);
    const connects = new KeyedRateLimiter(
      settings.CONNECTS_PER_USER_PER_SECOND,
      settings.CONNECT_BURST_PER_USER,
      monotonic,
    );
    this.#admission = new AdmissionControl(node, connections, connects, this.#rules);
    this.#closes = new CloseRecorder(commands, this.#logger);
    this.#logged = new LoggedConnections(queries, this.#logger);
    this.#context = {
      wheel,
      clock,
      onEnd: (session, details) => this.#sessionEnded(session, details),
    };
    metrics.countWith(() => this.counts);
    node.countConnectionsWith(() => this.#sessions.size);
    feed.onEvent((event) => this.#onEvent(event));
  }

  /** Number of sessions with a socket, and within the grace period. */
  get counts(): { readonly attached: number; readonly detached: number } {
    const counts = { attached: 0, detached: 0 };
    for (const session of this.#sessions.values()) {
      if (session.isAttached) counts.attached += 1;
      else if (session.isDetached) counts.detached += 1;
    }
    return counts;
  }

  /**
   * Opens a Connection for the token's User; an unknown identity becomes a User. Settles once the Connection is
   * durable and this node is known not to have been declared lost before that. If it fails, the client is not called
   * again; {@link SessionClient.disconnect} may have been called with the reason.
   *
   * @throws TokenError when the token or its key was revoked
   * @throws TooManyConnectionsError
   * @throws LimitExceededError `too_many_connects`
   * @throws DomainError `SERVICE.NOT_FOUND`
   * @throws NotServingError when the process stops or was declared lost, or the Connection is closed already
   */
  async open(
    token: AccessToken,
    transport: Transport,
    deviceId: string | null,
    client: SessionClient,
  ): Promise<Session> {
    this.#assertSignerValid(token);
    const { serviceSid, identity } = token;
    const userSid = userSidOf(serviceSid, identity);
    const { service, node } = await this.#admission.admit(serviceSid, userSid);
    const commandId = randomUUID();
    const connectionSid = deriveSid('CN', commandId);
    const session = new Session(this.#context, token, service, { userSid, connectionSid }, client);
    // Added before it is open: the log feed may show its close before its opening is acknowledged.
    this.#sessions.set(connectionSid, session);
    let mayBeOpen = false;
    try {
      const context = commandContext(session, commandId);
      const position = await this.commands.execute(
        new OpenSocketConnection({
          serviceSid,
          identity,
          userSid,
          connectionSid,
          transport,
          node,
          deviceId,
          token: { issuedAt: token.issuedAt },
          context,
        }),
      );
      mayBeOpen = true;
      if (!(await this.node.stillHolds(node))) throw new NotServingError('node_lost');
      if (session.isEnded) throw new NotServingError('closed_meanwhile');
      session.start(position, token);
      this.metrics.opened.inc({ transport });
      if (!this.#isSignerValid(token)) session.keyEnded();
      return session;
    } catch (error) {
      mayBeOpen ||= error instanceof AppendOutcomeUnknownError;
      // A Connection of a lost incarnation counts as closed, and a worker records its close.
      session.openFailed(mayBeOpen && !(error instanceof NotServingError));
      throw isRevoked(error) ? new TokenError('revoked') : error;
    }
  }

  /**
   * Whether a token of the same User can resume a Connection, by the log. If this process was declared lost, it cannot.
   *
   * @throws TokenError when the token was revoked
   */
  async canResume(token: AccessToken, connectionSid: string): Promise<boolean> {
    const session = this.#sessions.get(connectionSid);
    if (session?.isOf(token) !== true) return false;
    return (await this.#logged.canResume(session, token)) && this.#mayStillRun();
  }

  /**
   * Extends a session to the expiry of a new token; false, and no change, if the token is of another User or the
   * Connection is closed.
   *
   * @throws TokenError when the token or its key was revoked
   * @throws EventStoreError when the store is unreachable
   */
  async renew(session: Session, token: AccessToken): Promise<boolean> {
    const mayRenew = session.isOf(token) && (await this.#logged.isOpenFor(session, token));
    this.#assertSignerValid(token);
    return mayRenew && session.renew(token);
  }

  /**
   * Resumes a session of the same User, for this client. Its socket has closed, or its gateway is about to close it.
   * The log does not show it. Call {@link canResume} before. Null when there is no such session.
   *
   * @throws TokenError when the key of the token was revoked meanwhile
   */
  tryResume(token: AccessToken, connectionSid: string, client: SessionClient): Session | null {
    this.#assertSignerValid(token);
    const session = this.#sessions.get(connectionSid);
    if (!this.#admission.isOpen || session?.tryResume(token, client) !== true) return null;
    this.metrics.resumed.inc();
    return session;
  }

  /** Opens and resumes nothing from now on. */
  stopAdmitting(): void {
    this.#admission.stopAdmitting();
  }

  /** Tells up to `max` clients to reconnect elsewhere; returns how many are left, including those that are opening. */
  move(max: number, reconnectInMs: () => number): number {
    let left = 0;
    let count = 0;
    for (const session of this.#sessions.values()) {
      if (session.isAttached && count < max) {
        count += 1;
        this.#moving.begin();
        session.move(reconnectInMs());
        this.metrics.moved.inc();
      } else if (session.isAttached || session.isOpening) left += 1;
    }
    return left;
  }

  /** Settles once every client that was told to move has closed its socket. */
  allMoved(): Promise<void> {
    return this.#moving.idle();
  }

  /** Ends all sessions for a reason other than their clients; other nodes record the closes. */
  async terminateAll(reason: DisconnectReason): Promise<void> {
    for (const [index, session] of [...this.#sessions.values()].entries()) {
      if (index > 0 && index % ENDED_AT_ONCE === 0) await setImmediate();
      session.terminate(reason);
    }
  }

  /** Ends the sessions whose token was signed by a secret that is not valid any more. */
  terminateSignedBy(isEnded: (secret: SecretRef) => boolean): void {
    for (const session of this.#sessions.values()) {
      // One that is opening is checked once it is open: its close cannot be recorded before.
      if (session.isOpening || session.signedBy === null) continue;
      if (isEnded(session.signedBy)) session.keyEnded();
    }
  }

  /** Settles once all closes so far are recorded. */
  allClosesRecorded(): Promise<void> {
    return this.#closes.idle();
  }

  /** Records no further closes; other nodes find them when this node has ended. */
  stopRecordingCloses(): void {
    this.#closes.stop();
  }

  /** False once this process was declared lost. While the store is unreachable, a session with a socket goes on as well. */
  async #mayStillRun(): Promise<boolean> {
    const { current } = this.node;
    try {
      return current !== null && (await this.node.stillHolds(current));
    } catch (error) {
      if (!(error instanceof EventStoreError)) throw error;
      this.#logger.warn(`Cannot check that this node still runs: ${String(error)}`);
      return true;
    }
  }

  /** The secret of a token may end after the token was verified. @throws TokenError */
  #assertSignerValid(token: AccessToken): void {
    if (!this.#isSignerValid(token)) throw new TokenError('issuer');
  }

  #isSignerValid({ signedBy }: AccessToken): boolean {
    return signedBy === null || this.keys.isValid(signedBy);
  }

  #sessionEnded(session: Session, details: CloseDetails | null): void {
    const { connectionSid, userSid } = session;
    if (!this.#sessions.delete(connectionSid)) return;
    this.#admission.release(session);
    if (details !== null) {
      this.metrics.closed.inc({ cause: details.cause });
      this.#closes.record({ connectionSid, userSid, actor: this.node.actor, ...details });
    }
    if (session.isMoved) this.#moving.end();
  }

  #onEvent({ event }: LogEvent): void {
    if (isServiceEvent(event)) {
      this.#applyRules(event);
    } else if (event.type === 'ConnectionClosed') {
      const session = this.#sessions.get(event.data.connectionSid);
      if (session === undefined) return;
      this.metrics.closed.inc({ cause: event.data.cause });
      if (event.data.cause === 'node_lost') session.terminate('node_lost');
      else void this.#terminateClosed(session);
    }
  }

  #applyRules(event: ServiceEvent): void {
    const { grace, watchPolicy } = this.#rules.apply(event);
    if (!grace && !watchPolicy) return;
    for (const session of this.#sessions.values()) {
      if (session.serviceSid !== event.data.serviceSid) continue;
      if (grace) session.graceChanged();
      if (watchPolicy) session.accessChanged();
    }
  }

  async #terminateClosed(session: Session): Promise<void> {
    session.terminate(await this.#logged.reasonOfClose(session));
  }
}

function isRevoked(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'TOKEN.REVOKED';
}

function isServiceEvent(event: ReachabilityEvent): event is ServiceEvent {
  return event.type in serviceEventSchemas;
}
