import { expect } from '@jest/globals';
import { Registry } from 'prom-client';
import { nodeStream, serviceStream, userSid, userStream, type UserCommand } from '#domain';
import type { Position } from '#event-store';
import { Aggregates } from '../../apps/api/src/use-cases/aggregates.ts';
import { ReadModelProgress } from '../../apps/api/src/use-cases/read-model-progress.ts';
import { LogFeed } from '../../apps/api/src/realtime/watching/log-feed.ts';
import { RealtimeMetrics } from '../../apps/api/src/realtime/sockets/realtime-metrics.ts';
import {
  factsOf,
  type ServiceFacts,
  type UserFacts,
} from '../../apps/api/src/realtime/watching/user-facts.ts';
import { ChangePublisher } from '../../apps/api/src/realtime/watching/change-publisher.ts';
import type { Watcher } from '../../apps/api/src/realtime/watching/watcher.ts';
import { ManualLog, ManualReadModel, statesAfter } from './manual-log.ts';
import { InMemoryEventStore } from './in-memory-event-store.ts';

export const SERVICE = `IS${'1'.repeat(32)}`;
export const NODE = { nodeId: 'node-1', incarnation: 1 };

/** What a watcher knows of one User. */
export type Told = Pick<UserFacts, 'isOnline' | 'isNotifiable' | 'version'> | 'absent';

/** A watcher that checks what it is told, and keeps the last of it. */
export class Recorder implements Watcher {
  /** By sid; only of Users whose snapshot has come. */
  readonly told = new Map<string, Told>();
  /** Everything after the snapshots, in order, as text. */
  readonly heard: string[] = [];
  readonly #versions = new Map<string, string>();

  /** The first answer about Users. */
  readonly begin = (found: ReadonlyMap<string, UserFacts | null>): void => {
    for (const [sid, facts] of found) {
      if (facts !== null) this.#later(sid, facts.version, true);
      this.told.set(sid, facts ?? 'absent');
    }
  };

  userCreated(facts: UserFacts): void {
    expect(this.told.get(facts.sid)).toBe('absent');
    this.#hear(facts, `appeared ${facts.identity}`);
  }

  userChanged(facts: UserFacts): void {
    expect(this.told.get(facts.sid)).not.toBe('absent');
    this.#hear(facts, `changed ${facts.identity}`);
  }

  userDeleted(sid: string, version: string): void {
    expect(this.told.get(sid)).toBeDefined();
    this.#later(sid, version, false);
    this.told.set(sid, 'absent');
    this.heard.push('gone');
  }

  serviceChanged({ reachabilityEnabled, version }: ServiceFacts): void {
    for (const [sid, told] of this.told) {
      if (told === 'absent') continue;
      this.#later(sid, version, false);
      this.told.set(sid, { isOnline: null, isNotifiable: null, version });
    }
    this.heard.push(reachabilityEnabled ? 'enabled' : 'disabled');
  }

  forget(sid: string): void {
    this.told.delete(sid);
  }

  #hear(facts: UserFacts, what: string): void {
    expect(this.told.has(facts.sid)).toBe(true);
    this.#later(facts.sid, facts.version, false);
    this.told.set(facts.sid, facts);
    this.heard.push(`${what} ${String(facts.isOnline)} ${String(facts.isNotifiable)}`);
  }

  #later(sid: string, version: string, orSame: boolean): void {
    const before = this.#versions.get(sid) ?? '';
    expect(version > before || (orSame && version === before)).toBe(true);
    this.#versions.set(sid, version);
  }
}

/** A hub between a log and a read model that go on only when told to. */
export class WatchedWorld {
  readonly store = new InMemoryEventStore();
  readonly log = new ManualLog(this.store);
  readonly readModel = new ManualReadModel(this.store);
  readonly progress = new ReadModelProgress(this.readModel);
  readonly feed = new LogFeed(this.log);
  readonly metrics = new RealtimeMetrics(new Registry());
  readonly hub = new ChangePublisher(
    this.store,
    this.readModel,
    this.progress,
    this.feed,
    this.metrics,
  );
  readonly #commands = new Aggregates(this.store, () => new Date(0));
  #commandsSent = 0;

  /** With a Service, enabled, and a node that runs; read model and feed have seen both. */
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

  /** Carries out a command on a User; one that the rules refuse throws. */
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

  /** Closes the Connection that has been open for longest, where there is one. */
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

  /** Lets the feed see more, and settles once it has. */
  async showLog(events?: number): Promise<void> {
    const place = this.log.show(events);
    expect(await this.feed.hasSeen(place, 5_000)).toBe(true);
  }

  /** Lets read model and feed see everything. */
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
    if (watcher.told.size === 0) this.hub.leaveService(watcher, SERVICE);
  }

  /** What everybody ought to have been told of a User by now. */
  async truth(identity: string, events = this.log.shown): Promise<Told> {
    const states = await statesAfter(events);
    const [user, service] = [userStream(this.sid(identity)), serviceStream(SERVICE)].map((key) =>
      states.get(key),
    );
    if (user?.kind !== 'user' || service?.kind !== 'service' || service.deleted) return 'absent';
    return factsOf(this.store.epoch, user, service);
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
