import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from './compose.ts';
import { runEventStoreDb, type EventStoreDbProcess } from './eventstored.ts';
import { until } from './until.ts';

/** Longest time for three servers to start and to elect a leader on a busy machine, in milliseconds. */
const START_MS = 180_000;
const PORT = 2113;

interface Node {
  readonly environment: Environment;
  readonly address: string;
  process: EventStoreDbProcess | null;
}

/** The nodes of an EventStoreDB of a compose file, each on an address of its own of this machine. */
export class EventStoreDbCluster {
  readonly #nodes: ReadonlyMap<string, Node>;
  readonly #folder: string;
  readonly #authority: string;

  /**
   * @param environments variables of each node by its name
   * @param folder for their data
   * @param authority file with the certificate authority
   */
  constructor(
    environments: Readonly<Record<string, Environment>>,
    folder: string,
    authority: string,
  ) {
    this.#folder = folder;
    this.#authority = authority;
    this.#nodes = new Map(
      Object.entries(environments).map(([name, environment]) => {
        const address = environment['EVENTSTORE_NODE_HOST_ADVERTISE_AS'] ?? '';
        return [name, { environment, address, process: null }];
      }),
    );
  }

  /** Starts a node, which need not accept requests yet. */
  async start(name: string): Promise<void> {
    const node = this.#node(name);
    node.process = await runEventStoreDb([], {
      ...node.environment,
      EVENTSTORE_DB: join(this.#folder, name),
      EVENTSTORE_DISABLE_LOG_FILE: 'true',
    });
  }

  /** Kills a node. Its data stays. */
  async kill(name: string): Promise<void> {
    const node = this.#node(name);
    await node.process?.stop();
    node.process = null;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#nodes.keys()].map((name) => this.kill(name)));
  }

  /** Waits until one node is the leader and `followers` nodes follow it, and returns the name of the leader. */
  untilElected(followers: number): Promise<string> {
    return until(
      `a leader with ${followers} followers`,
      async () => {
        const names = [...this.#nodes.keys()];
        const states = await Promise.all(names.map((name) => this.#state(name)));
        const count = states.filter((state) => state === 'follower').length;
        return count >= followers ? names[states.indexOf('leader')] : undefined;
      },
      START_MS,
    );
  }

  /** What a node says of itself, such as `leader`; null if it does not answer. */
  async #state(name: string): Promise<string | null> {
    const { address } = this.#node(name);
    const ca = readFileSync(this.#authority);
    return new Promise((resolve) => {
      const url = `https://${address}:${PORT}/info`;
      const sent = request(url, { ca, timeout: 5_000, agent: false }, (answer) => {
        json(answer).then(
          (info) => resolve((info as { state: string }).state),
          () => resolve(null),
        );
      });
      sent.on('timeout', () => sent.destroy());
      sent.on('error', () => resolve(null)).end();
    });
  }

  #node(name: string): Node {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new RangeError(`There is no node ${name}`);
    return node;
  }
}
