import { setTimeout as delay } from 'node:timers/promises';
import { ChaosClient, type ClientEnvironment } from './chaos-client.ts';
import type { Violation } from './checker.ts';
import { Observations, type OnlineState } from './observations.ts';
import type { Attempt } from './oracle.ts';
import type { ClientPlan, ClientStep } from './plan.ts';
import { Random } from './random.ts';
import type { TcpProxy } from './tcp-proxy.ts';

/** Most Users that one connection may watch, by the default settings. */
const MAX_WATCHED = 5_000;

/** The clients of a run, what they did, and what they showed. */
export class Crowd {
  readonly attempts: Attempt[] = [];
  readonly observations = new Observations();
  /** Violations noticed during the run. */
  readonly violations: Violation[] = [];
  readonly #seed: number;
  readonly #environment: ClientEnvironment;
  readonly #clients = new Map<string, ChaosClient>();
  /** One watcher of all Users on each node, with no faults of its own. */
  readonly #observers: readonly ChaosClient[];
  #haveFaultsEnded = false;
  #storms = 0;

  constructor(
    seed: number,
    proxies: readonly TcpProxy[],
    token: (identity: string, ttlSeconds: number) => string,
  ) {
    this.#seed = seed;
    this.#environment = {
      proxies,
      attempts: this.attempts,
      token,
      onChange: (watcher, identity, isOnline, isSnapshot) =>
        this.observations.record(watcher, identity, isOnline, isSnapshot),
      onViolation: (what) => this.violations.push({ user: '', where: 'socket', what }),
    };
    this.#observers = proxies.map(
      (_, node) =>
        new ChaosClient(`observer-${node}`, this.#environment, this.#random(`w${node}`), [node]),
    );
  }

  /** Identities of all clients but the observers. */
  get identities(): string[] {
    return [...this.#clients.keys()];
  }

  get observers(): ReadonlySet<string> {
    return new Set(this.#observers.map(({ identity }) => identity));
  }

  /** Connects the planned clients. The observers also watch `others`. */
  begin(plans: readonly ClientPlan[], others: readonly string[] = []): void {
    const identities = plans.map(({ identity }) => identity);
    for (const observer of this.#observers) {
      observer.connect();
      observer.watch([...identities, ...others]);
    }
    for (const { identity, watched } of plans) {
      const client = new ChaosClient(identity, this.#environment, this.#random(identity));
      this.#clients.set(identity, client);
      client.watch(watched);
      client.connect();
    }
  }

  apply(identity: string, step: ClientStep): void {
    const client = this.#clients.get(identity);
    switch (step.do) {
      case 'leave':
        client?.disconnect(step.how);
        setTimeout(() => {
          if (!this.#haveFaultsEnded) client?.connect();
        }, step.awayMs).unref();
        break;
      case 'lose':
        client?.dropSocket(step.how);
        break;
      case 'stall':
        client?.stall(step.ms);
        break;
      case 'slow':
        client?.slowDown(step.ms);
        break;
      case 'lose server':
        client?.dropServerSide();
        break;
      case 'expire':
        client?.expireIn(step.seconds);
        break;
      case 'watch':
        client?.watch(step.users);
        break;
      case 'unwatch':
        client?.unwatch(step.users);
    }
  }

  /** Drops the sockets of all clients of a node. */
  cutAll(node: number): void {
    for (const client of this.#attachedTo(node)) client.dropSocket('abrupt');
  }

  /** Blocks the connections of all clients of a node. */
  stallAll(node: number, ms: number): void {
    for (const client of this.#attachedTo(node)) client.stall(ms);
  }

  /** Connects many new clients at once, and later disconnects them at once, in all ways. */
  async storm(count: number, ms: number): Promise<void> {
    const storm = this.#storms++;
    const random = this.#random(`storm ${storm}`);
    const known = this.identities;
    const clients = Array.from({ length: count }, (_, index) => {
      const identity = `storm-${storm}-${index}`;
      return new ChaosClient(identity, this.#environment, this.#random(identity));
    });
    for (const client of clients) {
      this.#clients.set(client.identity, client);
      client.watch(random.some(known, 3));
      client.connect();
    }
    for (const observer of this.#observers) {
      if (observer.watched.size + count > MAX_WATCHED) continue;
      observer.watch(clients.map(({ identity }) => identity));
    }
    await delay(ms);
    for (const client of clients)
      client.disconnect(random.pick(['clean', 'abrupt', 'silent'] as const));
  }

  /** Ends all faults of clients; none of those that left comes back. */
  endFaults(): void {
    this.#haveFaultsEnded = true;
    for (const client of this.#clients.values()) client.unstall();
  }

  /** For each User that ever had a Connection, whether it is attached now. */
  expected(): Map<string, boolean> {
    const expected = new Map<string, boolean>();
    for (const { identity, attachedAttempt, wasReady } of this.#clients.values()) {
      if (wasReady) expected.set(identity, attachedAttempt !== null);
    }
    return expected;
  }

  /** Whether everybody who should be connected is, and nobody else. */
  isSettled(): boolean {
    return this.#everybody().every(
      ({ shouldBeConnected: wanted, attachedAttempt: attached }) => wanted === (attached !== null),
    );
  }

  /** What attached watchers show otherwise than expected. */
  disagreements(expected: ReadonlyMap<string, boolean>): Violation[] {
    return this.#everybody()
      .filter(({ attachedAttempt }) => attachedAttempt !== null)
      .flatMap(({ identity, watched, watchList }) =>
        differences(
          `watcher ${identity}`,
          new Map([...expected].filter(([user]) => watched.has(user))),
          (user) => watchList.get(user)?.isOnline,
        ),
      );
  }

  disconnect(): void {
    for (const client of this.#everybody()) client.disconnect('abrupt');
  }

  #random(name: string): Random {
    return new Random(this.#seed, `client ${name}`);
  }

  #everybody(): ChaosClient[] {
    return [...this.#clients.values(), ...this.#observers];
  }

  #attachedTo(node: number): ChaosClient[] {
    return [...this.#clients.values()].filter(
      ({ attachedAttempt: attached }) => attached?.node === node,
    );
  }
}

/** A violation for each User that `shown` shows otherwise than expected. */
export function differences(
  where: string,
  expected: ReadonlyMap<string, boolean>,
  shown: (user: string) => OnlineState | undefined,
): Violation[] {
  return [...expected].flatMap(([user, isExpectedOnline]) => {
    const isOnline = shown(user);
    if (isOnline === isExpectedOnline) return [];
    return [{ user, where, what: `${isOnline} at the end, expected ${isExpectedOnline}` }];
  });
}
