import { expect } from '@jest/globals';
import { Registry } from 'prom-client';
import { nodeStream, serviceStream, userSid, userStream, type UserCommand } from '#domain';
import type { Position } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { LiveStates } from '../../apps/api/src/realtime/watching/live-states.ts';
import { LogFeed } from '../../apps/api/src/realtime/watching/log-feed.ts';
import { RealtimeMetrics } from '../../apps/api/src/realtime/sockets/realtime-metrics.ts';
import {
  userReachabilityOf,
  type ServiceReachability,
  type UserReachability,
} from '../../apps/api/src/realtime/watching/reachability.ts';
import { ChangePublisher } from '../../apps/api/src/realtime/watching/change-publisher.ts';
import type { Watcher } from '../../apps/api/src/realtime/watching/watcher.ts';
import { ManualLog, ManualReadModel, statesAfter } from './manual-log.ts';
import { InMemoryEventStore } from './in-memory-event-store.ts';

export const SERVICE = `IS${'1'.repeat(32)}`;
export const NODE = { nodeId: 'node-1', incarnation: 1 };

/** Longest time for the feed to handle the events of a test, in milliseconds. */
const PATIENCE_MS = 60_000;

/** What a watcher knows of one User. */
export type Known = Pick<UserReachability, 'isOnline' | 'isNotifiable' | 'version'> | 'absent';

/** A watcher that checks the order of changes, and keeps the latest facts. */
export class Recorder implements Watcher {
  /** By sid: Users whose first facts have arrived. */
  readonly known = new Map<string, Known>();
  /** Every change after the first facts, in order, as text. */
  readonly received: string[] = [];
  readonly #versions = new Map<string, string>();

  /** Takes the first facts of Users. */
  readonly begin = (found: ReadonlyMap<string, UserReachability | null>): void => {
    for (const [sid, facts] of found) {
      if (facts !== null) this.#expectLater(sid, facts.version, true);
      this.known.set(sid, facts ?? 'absent');
    }
  };

  userCreated(facts: UserReachability): void {
    expect(this.known.get(facts.sid)).toBe('absent');
    this.#receive(facts, `created ${facts.identity}`);
  }

  userChanged(facts: UserReachability): void {
    expect(this.known.get(facts.sid)).not.toBe('absent');
    this.#receive(facts, `changed ${facts.identity}`);
  }

  userDeleted(sid: string, version: string): void {
    expect(this.known.get(sid)).toBeDefined();
    this.#expectLater(sid, version, false);
    this.known.set(sid, 'absent');
    this.received.push('deleted');
  }

  serviceChanged({ reachabilityEnabled, version }: ServiceReachability): void {
    for (const [sid, known] of this.known) {
      if (known === 'absent') continue;
      this.#expectLater(sid, version, false);
      this.known.set(sid, { isOnline: null, isNotifiable: null, version });
    }
    this.received.push(reachabilityEnabled ? 'enabled' : 'disabled');
  }

  forget(sid: string): void {
    this.known.delete(sid);
  }

  #receive(facts: UserReachability, change: string): void {
    expect(this.known.has(facts.sid)).toBe(true);
    this.#expectLater(facts.sid, facts.version, false);
    this.known.set(facts.sid, facts);
    this.received.push(`${change} ${String(facts.isOnline)} ${String(facts.isNotifiable)}`);
  }

  #expectLater(sid: string, version: string, orSame: boolean): void {
    const before = this.#versions.get(sid) ?? '';
    expect(version > before || (orSame && version === before)).toBe(true);
    this.#versions.set(sid, version);
  }
}

/** A change publisher with a log and a read model that advance only when a test says so. */
export class WatchedWorld {
  readonly store = new InMemoryEventStore();
  readonly log = new ManualLog(this.store);
  readonly readModel = new ManualReadModel(this.store);
  readonly progress = new ReadModelProgress(this.readModel);
  readonly feed = new LogFeed(this.log);
  readonly metrics = new RealtimeMetrics(new Registry());
  readonly states = new LiveStates(this.readModel, this.progress, this.feed);
  readonly hub = new ChangePublisher(this.store, this.states, this.feed, this.metrics);
  readonly #commands = new Aggregates(this.store, () => new Date(0));
  #commandsSent = 0;

  /** Starts with an enabled Service and a running node, which read model and feed know. */
  static async start(): Promise<WatchedWorld> {
    const world = new WatchedWorld();
    await world.createService(SERVICE);
    await world.setEnabled(true);
    await world.node('StartNode');
    world.advanceReadModel();
    await world.hub.start();
    await world.showLog();
    return world;
  }

  sid(identity: string, service = SERVICE): string {
    return userSid(service, identity);
  }

  /** Handles a command of a User. Throws if the domain refuses it. */
  async user(identity: string, command: UserCommand, service = SERVICE): Promise<void> {
    await this.#commands.users.handle(
      userStream(this.sid(identity, service)),
      command,
      this.#next(),
    );
  }

  create(identity: string, service = SERVICE): Promise<void> {
    return this.user(identity, { type: 'CreateUser', serviceSid: service, identity }, service);
  }

  connect(identity: string, connectionSid = `CN-${identity}`): Promise<void> {
    return this.user(identity, {
      type: 'OpenConnection',
      connectionSid,
      transport: 'stream',
      node: NODE,
      deviceId: null,
      ttlSeconds: null,
      createAs: { serviceSid: SERVICE, identity },
    });
  }

  disconnect(identity: string, connectionSid = `CN-${identity}`): Promise<void> {
    const lastSeenAt = new Date(0).toISOString();
    return this.user(identity, {
      type: 'CloseConnection',
      connectionSid,
      cause: 'clean',
      lastSeenAt,
    });
  }

  /** Closes the User's oldest open Connection, if any. */
  async disconnectOldest(identity: string): Promise<void> {
    const { state } = await this.#commands.users.load(userStream(this.sid(identity)));
    const [oldest] = state.status === 'active' ? state.connections : [];
    if (oldest !== undefined) await this.disconnect(identity, oldest.sid);
  }

  bind(identity: string): Promise<void> {
    const binding = { bindingSid: 'BS1', bindingType: 'fcm', address: 'a', endpoint: 'e' } as const;
    return this.user(identity, { type: 'RegisterBinding', ...binding });
  }

  delete(identity: string): Promise<void> {
    return this.user(identity, { type: 'DeleteUser', at: new Date(0).toISOString() });
  }

  async createService(serviceSid: string): Promise<void> {
    const command = { type: 'CreateService', serviceSid, friendlyName: 'x' } as const;
    await this.#commands.services.handle(serviceStream(serviceSid), command, this.#next());
  }

  async setEnabled(enabled: boolean): Promise<void> {
    const type = enabled ? 'EnableReachability' : 'DisableReachability';
    await this.#commands.services.handle(serviceStream(SERVICE), { type }, this.#next());
  }

  async deleteService(): Promise<void> {
    const command = { type: 'DeleteService' } as const;
    await this.#commands.services.handle(serviceStream(SERVICE), command, this.#next());
  }

  async node(type: 'StartNode' | 'LoseNode'): Promise<void> {
    await this.#commands.nodes.handle(nodeStream(NODE.nodeId), { type, ...NODE }, this.#next());
  }

  advanceReadModel(events?: number): void {
    this.progress.advanceTo(this.readModel.advance(events));
  }

  /** Shows more events to the feed, all by default. Settles once it has handled them. */
  async showLog(events?: number): Promise<void> {
    const position = this.log.show(events);
    expect(await this.feed.waitFor(position, PATIENCE_MS)).toBe(true);
  }

  /** Shows every event to read model and feed. */
  async showAll(): Promise<void> {
    this.advanceReadModel();
    await this.showLog();
  }

  async watch(watcher: Recorder, ...identities: readonly string[]): Promise<void> {
    const sids = identities.map((identity) => this.sid(identity));
    await Promise.all([
      this.hub.watchUsers(watcher, SERVICE, sids, watcher.begin),
      this.hub.joinService(watcher, SERVICE),
    ]);
  }

  unwatch(watcher: Recorder, ...identities: readonly string[]): void {
    const sids = identities.map((identity) => this.sid(identity));
    this.hub.unwatchUsers(watcher, SERVICE, sids);
    for (const sid of sids) watcher.forget(sid);
    if (watcher.known.size === 0) this.hub.leaveService(watcher, SERVICE);
  }

  /** What a watcher of a User should know after these events; by default, those shown to the feed. */
  async truth(identity: string, events = this.log.shown): Promise<Known> {
    const states = await statesAfter(events);
    const [user, service] = [userStream(this.sid(identity)), serviceStream(SERVICE)].map((key) =>
      states.get(key),
    );
    return userReachabilityOf(this.store.epoch, user ?? null, service ?? null) ?? 'absent';
  }

  get head(): Position | null {
    return this.store.log.at(-1)?.position ?? null;
  }

  stop(): Promise<void> {
    return this.feed.stop();
  }

  #next() {
    this.#commandsSent += 1;
    const commandId = `command-${this.#commandsSent}`;
    return { commandId, correlationId: commandId, actor: 'cli' };
  }
}
