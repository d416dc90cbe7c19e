import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  deriveSid,
  serviceEventSchemas,
  type ReachabilityEvent,
  type ServiceEvent,
  type Transport,
} from '#domain';
import { AppendOutcomeUnknownError } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { CLOCK, type Clock } from '../../platform/injection-tokens.ts';
import { LocalNode } from '../../cluster/local-node.ts';
import type { AccessToken } from '../../platform/access-tokens/access-tokens.ts';
import { AdmissionControl } from './admission-control.ts';
import type { Client, EndReason } from './client.ts';
import { reasonOfClose } from './close-reason.ts';
import { CloseRecorder } from './close-recorder.ts';
import { Session, type Closing, type SessionContext } from './session.ts';
import { LogFeed, type LogEvent } from '../watching/log-feed.ts';
import { NotServingError } from './not-serving-error.ts';
import { recordOpening } from './record-opening.ts';
import { ServiceGraces } from './service-graces.ts';
import { SessionMetrics } from './session-metrics.ts';
import type { SessionHandle } from './session-handle.ts';
import { TimingWheel } from './timing-wheel.ts';
import { InFlight } from './in-flight.ts';
import { UserConnections } from '../sockets/user-connections.ts';

/** Sessions ended between two turns of the event loop. */
const ENDED_AT_ONCE = 100;

/**
 * The sessions of the clients that this process serves, whatever protocol they speak: a Connection each, which
 * outlives a socket by the grace of its Service.
 */
@Injectable()
export class Sessions {
  readonly #logger = new Logger(Sessions.name);
  readonly #aggregates: Aggregates;
  readonly #node: LocalNode;
  readonly #admission: AdmissionControl;
  readonly #metrics: SessionMetrics;
  readonly #context: SessionContext;
  readonly #graces: ServiceGraces;
  readonly #closes: CloseRecorder;
  /** By sid of the Connection, from before it is opened until it is over. */
  readonly #sessions = new Map<string, Session>();
  /** Sessions that were told to move and still have their socket. */
  readonly #moving = new InFlight();

  constructor(
    aggregates: Aggregates,
    node: LocalNode,
    feed: LogFeed,
    wheel: TimingWheel,
    users: UserConnections,
    metrics: SessionMetrics,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#aggregates = aggregates;
    this.#node = node;
    this.#graces = new ServiceGraces(aggregates);
    this.#admission = new AdmissionControl(node, users, this.#graces);
    this.#closes = new CloseRecorder(aggregates, this.#logger);
    this.#context = { wheel, clock, ended: (session, closing) => this.#ended(session, closing) };
    this.#metrics = metrics;
    metrics.show(() => this.counts);
    feed.onEvent((event) => this.#follow(event));
  }

  /** Sessions with a socket, and those that wait for their client to come back. */
  get counts(): { readonly attached: number; readonly detached: number } {
    const counts = { attached: 0, detached: 0 };
    for (const session of this.#sessions.values()) {
      if (session.isAttached) counts.attached += 1;
      else if (session.isDetached) counts.detached += 1;
    }
    return counts;
  }

  /**
   * Opens a Connection for whom the token names; an unknown identity becomes a User. Settles once that is durable
   * and this node is known not to have been given up by then. Of a client whose session does not come about
   * nothing more is asked; it may have been told why by {@link Client.end}.
   *
   * @throws TooManyConnectionsError
   * @throws DomainError `SERVICE.NOT_FOUND`
   * @throws NotServingError when the process stops or was given up, or the Connection is closed already
   */
  async open(
    token: AccessToken,
    transport: Transport,
    deviceId: string | null,
    client: Client,
  ): Promise<SessionHandle> {
    const { service, node } = await this.#admission.admit(token);
    const commandId = randomUUID();
    const connectionSid = deriveSid('CN', commandId);
    const session = new Session(this.#context, token, service, connectionSid, client);
    // Held before it is open: its close may be seen before its opening is acknowledged.
    this.#sessions.set(connectionSid, session);
    let mayBeOpen = false;
    try {
      const opening = { connectionSid, commandId, node, transport, deviceId };
      const position = await recordOpening(this.#aggregates, token, opening);
      mayBeOpen = true;
      if (!(await this.#node.holds(node))) throw new NotServingError('node lost');
      if (session.isOver) throw new NotServingError('closed meanwhile');
      session.opened(position, token);
      this.#metrics.opened.inc({ transport });
      return session;
    } catch (error) {
      mayBeOpen ||= error instanceof AppendOutcomeUnknownError;
      // What a lost incarnation has opened counts as closed, and a worker closes it.
      session.abandon(mayBeOpen && !(error instanceof NotServingError));
      throw error;
    }
  }

  /**
   * Goes on with a session of the same User whose socket was lost, or is about to be closed by its gateway in
   * favour of this one. It leaves no trace in the log. Null when there is none to go on with.
   *
   * @param client takes the place of the one that the session had; the same by default
   */
  resume(token: AccessToken, connectionSid: string, client?: Client): SessionHandle | null {
    const session = this.#sessions.get(connectionSid);
    if (!this.#admission.isOpen || session?.resume(token, client) !== true) return null;
    this.#metrics.resumed.inc();
    return session;
  }

  /** Opens and resumes nothing from now on. */
  refuse(): void {
    this.#admission.refuse();
  }

  /** Tells at most so many clients to connect elsewhere; answers how many are left, with those that are opening. */
  move(most: number, reconnectInMs: () => number): number {
    let left = 0;
    let moved = 0;
    for (const session of this.#sessions.values()) {
      if (session.isAttached && moved < most) {
        moved += 1;
        this.#moving.begin();
        session.move(reconnectInMs());
        this.#metrics.moved.inc();
      } else if (session.isAttached || session.isOpening) left += 1;
    }
    return left;
  }

  /** Settles once none of the clients that were told to move has its socket any more. */
  moved(): Promise<void> {
    return this.#moving.done();
  }

  /** Ends every session that there is for a reason that is not its client's; others will record it. */
  async endAll(reason: EndReason): Promise<void> {
    for (const [index, session] of [...this.#sessions.values()].entries()) {
      if (index > 0 && index % ENDED_AT_ONCE === 0) await setImmediate();
      session.endFor(reason);
    }
  }

  /** Settles once the closes under way are recorded. */
  recorded(): Promise<void> {
    return this.#closes.settled();
  }

  /** Tries no more to record what the log does not take: others will find it when this node has ended. */
  stop(): void {
    this.#closes.stop();
  }

  #ended(session: Session, closing: Closing | null): void {
    const { connectionSid, userSid } = session;
    if (!this.#sessions.delete(connectionSid)) return;
    this.#admission.release(session);
    if (closing !== null) {
      this.#metrics.closed.inc({ cause: closing.cause });
      this.#closes.record({ connectionSid, userSid, actor: this.#node.actor, ...closing });
    }
    if (session.wasMoved) this.#moving.end();
  }

  #follow({ event }: LogEvent): void {
    if (isOfService(event)) {
      if (!this.#graces.follow(event)) return;
      for (const session of this.#sessions.values()) session.graceChanged();
    } else if (event.type === 'ConnectionClosed') {
      const session = this.#sessions.get(event.data.connectionSid);
      if (session === undefined) return;
      this.#metrics.closed.inc({ cause: event.data.cause });
      if (event.data.cause === 'node_lost') session.endFor('node lost');
      else void this.#endAsClosed(session);
    }
  }

  async #endAsClosed(session: Session): Promise<void> {
    session.endFor(await reasonOfClose(this.#aggregates, session.userSid, this.#logger));
  }
}

function isOfService(event: ReachabilityEvent): event is ServiceEvent {
  return event.type in serviceEventSchemas;
}
