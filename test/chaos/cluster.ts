import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasEventStoreDb, startEventStoreDb } from '../support/eventstored.ts';
import { fieldsOf, flagOf, listOf, textOf, type Fields } from '../support/fields.ts';
import type { Answer } from '../support/http-client.ts';
import { mintToken } from '../support/mint-token.ts';
import type { Program } from '../support/program.ts';
import { ApiNode } from './api-node.ts';
import { freePorts } from '../support/free-ports.ts';
import type { OnlineState } from './observations.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** Raised limits: all clients of a storm share one address. */
const WIDE_LIMITS = {
  CONNECTIONS_PER_ADDRESS: '100000',
  CONNECTIONS_PER_USER: '1000',
  HANDSHAKES_PER_SECOND: '100000',
  HANDSHAKE_BURST: '100000',
  CONNECT_BURST_PER_USER: '100000',
  WRITE_BURST_PER_USER: '100000',
  LOOKUP_BURST_PER_USER: '1000000',
  WATCHED_USERS_PER_USER: '1000000',
};
/** Most Users per request. */
const PAGE = 1_000;

/** State of a User in one answer. */
export interface UserReading {
  readonly isOnline: OnlineState;
  readonly version: string;
}

/** Several api processes on one event store, each behind a TCP proxy, with one Service. */
export class Cluster {
  readonly nodes: readonly ApiNode[];
  readonly proxies: readonly TcpProxy[];
  readonly serviceSid: string;
  /** The staleness bound that the service states. */
  readonly stalenessMs: number;
  readonly #credentials: Program['credentials'];
  readonly #cleanups: (() => Promise<void>)[];

  private constructor(parts: {
    readonly nodes: readonly ApiNode[];
    readonly proxies: readonly TcpProxy[];
    readonly serviceSid: string;
    readonly stalenessMs: number;
    readonly credentials: Program['credentials'];
    readonly cleanups: (() => Promise<void>)[];
  }) {
    this.nodes = parts.nodes;
    this.proxies = parts.proxies;
    this.serviceSid = parts.serviceSid;
    this.stalenessMs = parts.stalenessMs;
    this.#credentials = parts.credentials;
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
        serviceSid: sid,
        stalenessMs: Number(body['staleness_bound_ms']),
        credentials: program.credentials,
        cleanups,
      });
    } catch (error) {
      for (const close of cleanups) await close();
      throw error;
    }
  }

  token(identity: string, ttlSeconds: number): string {
    return mintToken(this.#credentials, this.serviceSid, identity, ttlSeconds);
  }

  /** States of Users by REST, read from one process. Users that do not exist are left out. */
  async readAll(
    program: Program,
    identities: readonly string[],
  ): Promise<Map<string, UserReading>> {
    const found = new Map<string, UserReading>();
    for (let start = 0; start < identities.length; start += PAGE) {
      const answer = await program.post(
        `/v2/Services/${this.serviceSid}/Reachability/Query`,
        undefined,
        { json: { User: identities.slice(start, start + PAGE) } },
      );
      for (const user of usersOf(answer)) {
        const [isOnline, version] = [flagOf(user, 'is_online'), textOf(user, 'version')];
        found.set(textOf(user, 'identity'), { isOnline, version });
      }
    }
    return found;
  }

  /** `is_online` of a User by REST, now or as of a time in `query`; undefined if the User does not exist. */
  async read(program: Program, identity: string, query = ''): Promise<OnlineState | undefined> {
    const { status, body } = await program.get(`${this.#path(identity)}${query}`);
    return status === 404 ? undefined : flagOf(body, 'is_online');
  }

  /** The history of a User, latest interval first. */
  async history(program: Program, identity: string): Promise<HistoryItem[]> {
    const items: HistoryItem[] = [];
    let next: string | null = `${this.#path(identity)}/History?PageSize=1000`;
    while (next !== null) {
      const { status, body } = await program.get(next);
      if (status === 404) return items;
      for (const item of listOf(body['history'])) {
        const until = item['until'] === null ? null : textOf(item, 'until');
        items.push({ from: textOf(item, 'from'), until, isOnline: flagOf(item, 'is_online') });
      }
      const url = fieldsOf(body['meta'])['next_page_url'];
      next = typeof url === 'string' ? url.slice(new URL(url).origin.length) : null;
    }
    return items;
  }

  async stop(): Promise<void> {
    for (const close of this.#cleanups) await close();
  }

  #path(identity: string): string {
    return `/v2/Services/${this.serviceSid}/Users/${identity}/Reachability`;
  }
}

export interface HistoryItem {
  readonly from: string;
  readonly until: string | null;
  readonly isOnline: OnlineState;
}

function usersOf(answer: Answer): Fields[] {
  if (answer.status !== 200) throw new Error(`Read failed: ${answer.status} ${answer.text}`);
  return listOf(answer.body['users']);
}

function randomCredentials(): Record<string, string> {
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
