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
import { freePorts } from './free-ports.ts';
import type { Shown } from './observations.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** Settings that would stop a storm of clients which all have one address. */
const NO_LIMITS = {
  CONNECTIONS_PER_ADDRESS: '100000',
  CONNECTIONS_PER_USER: '1000',
  HANDSHAKES_PER_SECOND: '100000',
  HANDSHAKE_BURST: '100000',
};
/** Most Users that one request asks about. */
const PAGE = 1_000;

/** How a User stands according to one answer. */
export interface Read {
  readonly shown: Shown;
  readonly version: string;
}

/** Several api processes on one event store, each behind a proxy, and one Service in it. */
export class Cluster {
  readonly nodes: readonly ApiNode[];
  readonly proxies: readonly TcpProxy[];
  readonly serviceSid: string;
  /** Longest that a client that is gone may be shown online, as the service says. */
  readonly stalenessMs: number;
  readonly #credentials: Program['credentials'];
  readonly #closings: (() => Promise<void>)[];

  private constructor(parts: {
    readonly nodes: readonly ApiNode[];
    readonly proxies: readonly TcpProxy[];
    readonly serviceSid: string;
    readonly stalenessMs: number;
    readonly credentials: Program['credentials'];
    readonly closings: (() => Promise<void>)[];
  }) {
    this.nodes = parts.nodes;
    this.proxies = parts.proxies;
    this.serviceSid = parts.serviceSid;
    this.stalenessMs = parts.stalenessMs;
    this.#credentials = parts.credentials;
    this.#closings = parts.closings;
  }

  static async start(options: {
    readonly nodes: number;
    readonly graceSeconds: number;
    readonly eventStoreDb: boolean;
  }): Promise<Cluster> {
    const closings: (() => Promise<void>)[] = [];
    const dataDir = mkdtempSync(join(tmpdir(), 'reachability-chaos-'));
    closings.unshift(async () => rmSync(dataDir, { recursive: true, force: true }));
    try {
      const env = { ...NO_LIMITS, ...fixedCredentials(), ...(await storeOf(options, closings)) };
      const [workerPort = 0, ...ports] = await freePorts(options.nodes + 1);
      const role = options.eventStoreDb ? 'api' : 'all';
      const nodes = ports.map(
        (port, number) => new ApiNode(number, port, dataDir, { ...env, ROLE: role }),
      );
      const worker = new ApiNode(-1, workerPort, dataDir, { ...env, ROLE: 'worker' });
      for (const node of options.eventStoreDb ? [worker, ...nodes] : nodes) {
        await node.start();
        closings.unshift(() => node.stop());
      }
      const program = nodes[0]?.program ?? null;
      if (program === null) throw new RangeError('A cluster needs a node');
      const { sid } = await program.post('/v2/Services', { FriendlyName: 'Chaos' });
      await program.post(`/v2/Services/${sid}`, { ReachabilityEnabled: 'true' });
      const { body } = await program.post(`/v2/Services/${sid}/Reachability`, {
        GraceSeconds: String(options.graceSeconds),
      });
      const proxies = await Promise.all(nodes.map(({ port }) => TcpProxy.start(() => port)));
      closings.unshift(...proxies.map((proxy) => () => proxy.stop()));
      return new Cluster({
        nodes,
        proxies,
        serviceSid: sid,
        stalenessMs: Number(body['staleness_bound_ms']),
        credentials: program.credentials,
        closings,
      });
    } catch (error) {
      for (const close of closings) await close();
      throw error;
    }
  }

  token(identity: string, ttlSeconds: number): string {
    return mintToken(this.#credentials, this.serviceSid, identity, ttlSeconds);
  }

  /** How Users stand by REST, asked at one process; Users that do not exist are left out. */
  async readAll(program: Program, identities: readonly string[]): Promise<Map<string, Read>> {
    const found = new Map<string, Read>();
    for (let start = 0; start < identities.length; start += PAGE) {
      const answer = await program.post(
        `/v2/Services/${this.serviceSid}/Reachability/Query`,
        undefined,
        { json: { User: identities.slice(start, start + PAGE) } },
      );
      for (const user of usersOf(answer)) {
        const [shown, version] = [flagOf(user, 'is_online'), textOf(user, 'version')];
        found.set(textOf(user, 'identity'), { shown, version });
      }
    }
    return found;
  }

  /** How a User stands or stood by REST; undefined where it does not exist. */
  async read(program: Program, identity: string, query = ''): Promise<Shown | undefined> {
    const { status, body } = await program.get(`${this.#path(identity)}${query}`);
    return status === 404 ? undefined : flagOf(body, 'is_online');
  }

  /** The timeline of a User, its latest stretch first. */
  async history(program: Program, identity: string): Promise<HistoryItem[]> {
    const items: HistoryItem[] = [];
    let next: string | null = `${this.#path(identity)}/History?PageSize=1000`;
    while (next !== null) {
      const { status, body } = await program.get(next);
      if (status === 404) return items;
      for (const item of listOf(body['history'])) {
        const until = item['until'] === null ? null : textOf(item, 'until');
        items.push({ from: textOf(item, 'from'), until, shown: flagOf(item, 'is_online') });
      }
      const url = fieldsOf(body['meta'])['next_page_url'];
      next = typeof url === 'string' ? url.slice(new URL(url).origin.length) : null;
    }
    return items;
  }

  async stop(): Promise<void> {
    for (const close of this.#closings) await close();
  }

  #path(identity: string): string {
    return `/v2/Services/${this.serviceSid}/Users/${identity}/Reachability`;
  }
}

export interface HistoryItem {
  readonly from: string;
  readonly until: string | null;
  readonly shown: Shown;
}

function usersOf(answer: Answer): Fields[] {
  if (answer.status !== 200) throw new Error(`A read was answered ${answer.status} ${answer.text}`);
  return listOf(answer.body['users']);
}

function fixedCredentials(): Record<string, string> {
  const hex = (bytes: number) => randomBytes(bytes).toString('hex');
  return {
    ACCOUNT_SID: `AC${hex(16)}`,
    AUTH_TOKEN: hex(16),
    API_KEYS: `SK${hex(16)}:${hex(16)}`,
  };
}

async function storeOf(
  { eventStoreDb }: { readonly eventStoreDb: boolean },
  closings: (() => Promise<void>)[],
): Promise<Record<string, string>> {
  if (!eventStoreDb) return {};
  const given = process.env['EVENTSTOREDB_URL'];
  if (given !== undefined) return { EVENT_STORE: 'eventstoredb', EVENTSTOREDB_URL: given };
  if (!hasEventStoreDb()) throw new Error('Set EVENTSTOREDB_URL, or put eventstored on PATH');
  const server = await startEventStoreDb();
  closings.unshift(() => server.stop());
  return { EVENT_STORE: 'eventstoredb', EVENTSTOREDB_URL: server.url };
}
