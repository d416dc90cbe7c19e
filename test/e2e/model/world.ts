import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiNode } from '../../chaos/api-node.ts';
import { ChaosClient, type ClientEnvironment } from '../../chaos/chaos-client.ts';
import { freePorts } from '../../support/free-ports.ts';
import { Random } from '../../chaos/random.ts';
import { TcpProxy } from '../../chaos/tcp-proxy.ts';
import { mintToken } from '../../support/mint-token.ts';
import type { Program } from '../../support/program.ts';
import { until } from '../../support/until.ts';
import type { Expected, ReachabilityModel } from './reachability-model.ts';

export const USERS = ['ann', 'ben', 'cleo'] as const;
export const DEVICES = 2;
export const GRACE_MS = 1_000;
const NODES = 2;
/** Longest time until a silent client or the clients of a dead node are shown offline. */
const PATIENCE_MS = 25_000;
/** Longest time until a client that could not connect has tried again: its longest back-off, and some for the attempt. */
const RECONNECT_MS = 45_000;

type Shown = boolean | null | undefined;

/** Two processes on the same data, shared by all runs. */
export class TwoNodes {
  readonly nodes: readonly ApiNode[];
  readonly proxies: readonly TcpProxy[];
  readonly #dataDir: string;

  private constructor(nodes: readonly ApiNode[], proxies: readonly TcpProxy[], dataDir: string) {
    this.nodes = nodes;
    this.proxies = proxies;
    this.#dataDir = dataDir;
  }

  static async start(): Promise<TwoNodes> {
    const dataDir = mkdtempSync(join(tmpdir(), 'reachability-model-'));
    const ports = await freePorts(NODES);
    const nodes = ports.map((port, number) => new ApiNode(number, port, dataDir, {}));
    for (const node of nodes) await node.start();
    const proxies = await Promise.all(ports.map((port) => TcpProxy.start(() => port)));
    return new TwoNodes(nodes, proxies, dataDir);
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) await node.stop();
    for (const proxy of this.proxies) await proxy.stop();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}

/** One run: its own Service, devices of Users that connect and disconnect, and a watcher on each node. */
export class World {
  readonly #two: TwoNodes;
  readonly #service: string;
  readonly #devices = new Map<string, ChaosClient>();
  readonly #watchers: ChaosClient[] = [];
  /** Last known Connection of each device. */
  readonly #connections = new Map<string, string>();
  /** States of each User that watchers showed since the last agreement. */
  readonly #shown = new Map<string, Set<Shown>>();
  readonly #violations: string[] = [];
  readonly #environment: ClientEnvironment;
  readonly #random: Random;

  private constructor(two: TwoNodes, service: string, seed: number) {
    this.#two = two;
    this.#service = service;
    this.#random = new Random(seed, 'world');
    const { credentials } = this.program(0);
    this.#environment = {
      proxies: two.proxies,
      attempts: [],
      token: (identity, ttl) => mintToken(credentials, service, identity, ttl),
      onChange: (_watcher, user, isOnline) => this.#recordShown(user, isOnline),
      onViolation: (what) => this.#violations.push(what),
    };
  }

  static async start(two: TwoNodes, seed: number): Promise<World> {
    const program = two.nodes[0]?.program ?? null;
    if (program === null) throw new Error('No node is running');
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'Model' });
    const grace = { GraceSeconds: String(GRACE_MS / 1_000) };
    await program.post(`/v2/Services/${sid}/Reachability`, grace);
    const world = new World(two, sid, seed);
    for (const node of two.nodes.keys()) await world.addWatcher(`watcher-${node}`, node);
    return world;
  }

  program(node: number): Program {
    const program = this.#two.nodes[node]?.program ?? null;
    if (program === null) throw new Error(`Node ${node} is not running`);
    return program;
  }

  node(number: number): ApiNode {
    const node = this.#two.nodes[number];
    if (node === undefined) throw new RangeError(`Unknown node ${number}`);
    return node;
  }

  path(rest: string): string {
    return `/v2/Services/${this.#service}${rest}`;
  }

  async addWatcher(identity: string, node: number): Promise<void> {
    const watcher = this.#newClient(identity, node);
    watcher.watch(USERS);
    this.#watchers.push(watcher);
    watcher.connect();
    await this.#attached(identity, watcher);
  }

  device(user: string, device: number): ChaosClient {
    const name = `${user}/${device}`;
    const client = this.#devices.get(name) ?? this.#newClient(user);
    this.#devices.set(name, client);
    return client;
  }

  /** Waits until every watcher and connected device is attached, and adds new Connections to the model. */
  async waitUntilAttached(model: ReachabilityModel): Promise<void> {
    for (const watcher of this.#watchers) await this.#attached(watcher.identity, watcher);
    for (const [name, client] of this.#devices) {
      if (!client.shouldBeConnected) continue;
      await this.#attached(name, client);
      const connection = client.connectionSid ?? '';
      if (this.#connections.get(name) === connection) continue;
      this.#connections.set(name, connection);
      model.connect(client.identity, name);
    }
  }

  /**
   * Waits until both nodes and all watchers agree with the model, and checks that no watcher showed anything but the
   * states before and after the step.
   *
   * @param before answers of the model before the step, by User; null if any state may have been shown in between
   */
  async waitForAgreement(
    model: ReachabilityModel,
    before: ReadonlyMap<string, Expected | undefined> | null,
  ): Promise<void> {
    await this.waitUntilAttached(model);
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const disagreements = await this.#disagreements(model);
      if (disagreements.length === 0) break;
      if (Date.now() > deadline) throw new Error(disagreements.join('\n'));
      await delay(20);
    }
    if (this.#violations.length > 0) throw new Error(this.#violations.join('\n'));
    for (const [user, values] of this.#shown) {
      if (before === null) continue;
      // Watchers may see that a new User exists before they see that it is online.
      const allowed = [before.get(user)?.isOnline ?? null, model.answer(user)?.isOnline];
      const invalid = [...values].find((value) => value !== undefined && !allowed.includes(value));
      if (invalid !== undefined) throw new Error(`${user} was shown as ${invalid} in between`);
    }
    this.#shown.clear();
  }

  end(): void {
    for (const client of [...this.#devices.values(), ...this.#watchers]) client.disconnect('clean');
  }

  async #attached(name: string, client: ChaosClient): Promise<void> {
    await until(`${name} to be attached`, () => client.attachedAttempt ?? undefined, RECONNECT_MS);
  }

  #newClient(identity: string, node?: number): ChaosClient {
    const random = new Random(this.#random.whole(0, 1e9));
    return new ChaosClient(
      identity,
      this.#environment,
      random,
      node === undefined ? [0, 1] : [node],
    );
  }

  #recordShown(user: string, isOnline: Shown): void {
    const values = this.#shown.get(user) ?? new Set<Shown>();
    this.#shown.set(user, values.add(isOnline));
  }

  async #disagreements(model: ReachabilityModel): Promise<string[]> {
    const disagreements: string[] = [];
    const compare = (where: string, user: string, isOnline: Shown, isNotifiable: Shown) => {
      const expected = model.answer(user);
      if (isOnline === expected?.isOnline && isNotifiable === expected?.isNotifiable) return;
      disagreements.push(
        `${user} at ${where}: ${isOnline}, ${isNotifiable}, expected ${expected?.isOnline}, ${expected?.isNotifiable}`,
      );
    };
    for (const node of this.#two.nodes.keys()) {
      for (const user of USERS) {
        const { status, body } = await this.program(node).get(this.path(`/Users/${user}`));
        const known = status === 200;
        compare(
          `node ${node}`,
          user,
          known ? (body['is_online'] as Shown) : undefined,
          known ? (body['is_notifiable'] as Shown) : undefined,
        );
      }
    }
    for (const watcher of this.#watchers) {
      for (const user of USERS) {
        const known = watcher.watchList.get(user);
        compare(watcher.identity, user, known?.isOnline, known?.isNotifiable);
      }
    }
    return disagreements;
  }
}
