import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasEventStoreDb, startEventStoreDb } from '../support/eventstored.ts';
import { ApiNode } from './api-node.ts';
import { freePorts } from '../support/free-ports.ts';
import { ServiceReader } from './service-reader.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** Raised limits: all clients of a storm share one address. */
export const WIDE_LIMITS = {
  CONNECTIONS_PER_ADDRESS: '100000',
  CONNECTIONS_PER_USER: '1000',
  HANDSHAKES_PER_SECOND: '100000',
  HANDSHAKE_BURST: '100000',
  CONNECT_BURST_PER_USER: '100000',
  WRITE_BURST_PER_USER: '100000',
  LOOKUP_BURST_PER_USER: '1000000',
  WATCHED_USERS_PER_USER: '1000000',
};
/** Several api processes on one event store, each behind a TCP proxy, with one Service. */
export class Cluster {
  readonly nodes: readonly ApiNode[];
  readonly proxies: readonly TcpProxy[];
  readonly reader: ServiceReader;
  /** The staleness bound that the service states. */
  readonly stalenessMs: number;
  readonly #cleanups: (() => Promise<void>)[];

  private constructor(parts: {
    readonly nodes: readonly ApiNode[];
    readonly proxies: readonly TcpProxy[];
    readonly reader: ServiceReader;
    readonly stalenessMs: number;
    readonly cleanups: (() => Promise<void>)[];
  }) {
    this.nodes = parts.nodes;
    this.proxies = parts.proxies;
    this.reader = parts.reader;
    this.stalenessMs = parts.stalenessMs;
    this.#cleanups = parts.cleanups;
  }

  static async start(options: {
    readonly nodes: number;
    readonly graceSeconds: number;
    readonly eventStoreDb: boolean;
  }): Promise<Cluster> {
    const cleanups: (() => Promise<void>)[] = [];
    const dataDir = mkdtempSync(join(tmpdir(), 'reachability-chaos-'));
    cleanups.unshift(async () => rmSync(dataDir, { recursive: true, force: true }));
    try {
      const env = {
        ...WIDE_LIMITS,
        ...randomCredentials(),
        ...(await storeSettings(options, cleanups)),
      };
      const [workerPort = 0, ...ports] = await freePorts(options.nodes + 1);
      const role = options.eventStoreDb ? 'api' : 'all';
      const nodes = ports.map(
        (port, number) => new ApiNode(number, port, dataDir, { ...env, ROLE: role }),
      );
      const worker = new ApiNode(-1, workerPort, dataDir, { ...env, ROLE: 'worker' });
      for (const node of options.eventStoreDb ? [worker, ...nodes] : nodes) {
        await node.start();
        cleanups.unshift(() => node.stop());
      }
      const program = nodes[0]?.program ?? null;
      if (program === null) throw new RangeError('A cluster needs at least one node');
      const { sid } = await program.post('/v2/Services', { FriendlyName: 'Chaos' });
      await program.post(`/v2/Services/${sid}`, { ReachabilityEnabled: 'true' });
      const { body } = await program.post(`/v2/Services/${sid}/Reachability`, {
        GraceSeconds: String(options.graceSeconds),
      });
      const proxies = await Promise.all(nodes.map(({ port }) => TcpProxy.start(() => port)));
      cleanups.unshift(...proxies.map((proxy) => () => proxy.stop()));
      return new Cluster({
        nodes,
        proxies,
        reader: new ServiceReader(sid, program.credentials),
        stalenessMs: Number(body['staleness_bound_ms']),
        cleanups,
      });
    } catch (error) {
      for (const close of cleanups) await close();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const close of this.#cleanups) await close();
  }
}

/** Credentials that processes share. */
export function randomCredentials(): Record<string, string> {
  const hex = (bytes: number) => randomBytes(bytes).toString('hex');
  return {
    ACCOUNT_SID: `AC${hex(16)}`,
    AUTH_TOKEN: hex(16),
    API_KEYS: `SK${hex(16)}:${hex(16)}`,
  };
}

async function storeSettings(
  { eventStoreDb }: { readonly eventStoreDb: boolean },
  cleanups: (() => Promise<void>)[],
): Promise<Record<string, string>> {
  if (!eventStoreDb) return {};
  const given = process.env['EVENTSTOREDB_URL'];
  if (given !== undefined) return { EVENT_STORE: 'eventstoredb', EVENTSTOREDB_URL: given };
  if (!hasEventStoreDb()) throw new Error('Set EVENTSTOREDB_URL, or put eventstored on PATH');
  const server = await startEventStoreDb();
  cleanups.unshift(() => server.stop());
  return { EVENT_STORE: 'eventstoredb', EVENTSTOREDB_URL: server.url };
}
