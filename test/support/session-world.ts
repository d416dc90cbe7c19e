import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { Registry } from 'prom-client';
import { NO_WATCH_GRANT, serviceStream } from '#domain';
import { FileNodeSlots } from '#operational-state/adapters/files/file-node-slots';
import { START } from '#projections';
import { Aggregates } from '#shared/use-cases/aggregates';
import { NodeMetrics } from '../../apps/api/src/cluster/node-metrics.ts';
import { LocalNode } from '../../apps/api/src/cluster/local-node.ts';
import type {
  DisconnectReason,
  SessionClient,
} from '../../apps/api/src/realtime/sessions/session-client.ts';
import { LogFeed } from '../../apps/api/src/realtime/watching/log-feed.ts';
import { SessionMetrics } from '../../apps/api/src/realtime/sessions/session-metrics.ts';
import type { Session } from '../../apps/api/src/realtime/sessions/session.ts';
import { Sessions } from '../../apps/api/src/realtime/sessions/sessions.ts';
import { TICK_MS, TimingWheel } from '../../apps/api/src/realtime/sessions/timing-wheel.ts';
import type { AccessToken } from '../../apps/api/src/platform/access-tokens/access-tokens.ts';
import { commandBus, queryBus } from './buses.ts';
import { InMemoryEventStore } from './in-memory-event-store.ts';
import { InMemoryLeaseStore } from './in-memory-lease-store.ts';

export const SERVICE = `IS${'1'.repeat(32)}`;
/** Maximum number of Connections of a User. */
export const CONNECTIONS_PER_USER = 20;
/** New Connections of a User, per second and at once. */
export const CONNECTS_PER_USER_PER_SECOND = 1;
export const CONNECT_BURST_PER_USER = 50;
/** Wall-clock time when the world begins. */
export const BEGIN = Date.parse('2026-03-04T05:00:00.000Z');
export const context = (commandId: string) => ({
  commandId,
  correlationId: commandId,
  actor: 'cli',
});

/** A client that records the calls of its session, and answers pings unless told otherwise. */
export class RecordingClient implements SessionClient {
  readonly calls: string[] = [];
  readonly ended = Promise.withResolvers<DisconnectReason>();
  session: Session | null = null;
  answers = true;

  ping(): void {
    this.calls.push('ping');
    if (this.answers) this.session?.markSeen();
  }

  announceExpiry(inMs: number): void {
    this.calls.push(`token expires in ${inMs}`);
  }

  accessChanged(): void {
    this.calls.push('access changed');
  }

  move(): void {
    this.calls.push('move');
  }

  disconnect(reason: DisconnectReason): void {
    this.calls.push(reason);
    this.ended.resolve(reason);
  }

  onSessionEnd(): void {
    this.calls.push('session ended');
  }
}

/** Sessions of one node on a log in memory, with clocks that only {@link pass} moves. */
export class SessionWorld {
  readonly store = new InMemoryEventStore();
  readonly leases = new InMemoryLeaseStore();
  readonly registry = new Registry();
  readonly wheel: TimingWheel;
  readonly aggregates: Aggregates;
  readonly feed: LogFeed;
  readonly node: LocalNode;
  readonly sessions: Sessions;
  /** Ids of secrets of API keys that are not valid any more. */
  readonly endedSecrets = new Set<string>();
  /** Milliseconds since the world began, on the monotonic clock. */
  now = 0;
  /** Milliseconds that the wall clock is ahead. */
  skew = 0;
  readonly #directory = mkdtempSync(join(tmpdir(), 'sessions-'));

  constructor() {
    const clock = () => new Date(BEGIN + this.now + this.skew);
    const monotonic = () => this.now;
    this.aggregates = new Aggregates(this.store, clock);
    this.feed = new LogFeed(this.store);
    this.wheel = new TimingWheel(monotonic);
    this.node = new LocalNode(
      { ROLE: 'all' },
      new FileNodeSlots(join(this.#directory, 'nodes')),
      commandBus(this.aggregates, clock),
      queryBus(this.aggregates),
      this.leases,
      monotonic,
      clock,
      new NodeMetrics(this.registry),
    );
    const metrics = new SessionMetrics(this.registry);
    this.sessions = new Sessions(
      commandBus(this.aggregates, clock),
      queryBus(this.aggregates),
      this.node,
      this.feed,
      this.wheel,
      metrics,
      { CONNECTIONS_PER_USER, CONNECTS_PER_USER_PER_SECOND, CONNECT_BURST_PER_USER },
      clock,
      { isValid: ({ secretId }) => !this.endedSecrets.has(secretId) },
      monotonic,
    );
  }

  /** @param graceSeconds of the Service; the product's default if omitted */
  async begin(graceSeconds?: number): Promise<void> {
    await this.node.start();
    const stream = serviceStream(SERVICE);
    const command = {
      type: 'CreateService',
      serviceSid: SERVICE,
      friendlyName: 'x',
    } as const;
    await this.aggregates.services.handle(stream, command, context('service'));
    if (graceSeconds !== undefined) await this.setGrace(graceSeconds);
    this.feed.start({ ...START, position: await this.store.head() });
  }

  async end(): Promise<void> {
    this.wheel.onApplicationShutdown();
    this.sessions.stopRecordingCloses();
    await this.feed.stop();
    await this.node.stop();
    rmSync(this.#directory, { recursive: true });
  }

  async setGrace(graceSeconds: number): Promise<void> {
    const command = { type: 'UpdateService', changes: { graceSeconds } } as const;
    await this.aggregates.services.handle(
      serviceStream(SERVICE),
      command,
      context(`grace ${graceSeconds}`),
    );
  }

  token(identity = 'alice', lastsMs = 3_600_000): AccessToken {
    return {
      identity,
      serviceSid: SERVICE,
      expiresAt: this.timeIn(lastsMs),
      signedBy: null,
      issuedAt: this.timeIn(0).getTime() / 1_000,
      watchGrant: NO_WATCH_GRANT,
    };
  }

  timeIn(ms: number): Date {
    return new Date(BEGIN + this.now + this.skew + ms);
  }

  async open(
    client = new RecordingClient(),
    token = this.token(),
  ): Promise<{ readonly client: RecordingClient; readonly session: Session }> {
    const session = await this.sessions.open(token, 'stream', null, client);
    client.session = session;
    return { client, session };
  }

  /** Ends a secret of an API key, as the log shows it. */
  endSecret(secretId: string): void {
    this.endedSecrets.add(secretId);
    this.sessions.terminateSignedBy((secret) => this.endedSecrets.has(secret.secretId));
  }

  /** Moves the clocks, a tick at a time. */
  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += TICK_MS) {
      this.now += TICK_MS;
      this.wheel.tick();
    }
  }

  /** Settles once every event has been followed. */
  async followed(): Promise<void> {
    expect(await this.feed.waitFor(await this.store.head(), 5_000)).toBe(true);
  }

  /** Types of the events in Users' streams, in order. */
  get types(): readonly string[] {
    return this.#ofUsers.map(({ type }) => type);
  }

  /** Data of each ConnectionClosed, in order. */
  get closes(): readonly object[] {
    return this.#ofUsers.flatMap(({ type, data }) => (type === 'ConnectionClosed' ? [data] : []));
  }

  get #ofUsers() {
    return this.store.log.filter(({ stream }) => stream.startsWith('user-'));
  }
}
