import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cli } from '../../support/cli.ts';
import { randomCredentials, WIDE_LIMITS } from '../cluster.ts';
import { ServiceReader } from '../service-reader.ts';
import { TcpProxy } from '../tcp-proxy.ts';
import { MachineProcess } from './machine-process.ts';
import { APIS, WORKERS, type ProcessName, type StoreName } from './machines-plan.ts';
import { SharedStores } from './shared-stores.ts';
import { WebhookRecorder } from './webhook-recorder.ts';

export interface MachinesSetup {
  readonly seed: number;
  readonly graceSeconds: number;
  readonly eventStoreDb: boolean;
  /** Called when a process ends by itself. */
  readonly onSelfEnd: (what: string, from: number) => void;
}

interface Parts {
  readonly processes: ReadonlyMap<ProcessName, MachineProcess>;
  readonly proxies: readonly TcpProxy[];
  readonly stores: SharedStores;
  readonly receiver: WebhookRecorder;
  readonly reader: ServiceReader;
  readonly stalenessMs: number;
  readonly cli: Cli;
}

/**
 * Two api and two worker processes, each with a folder of its own and a TCP proxy of its own in front of each store, as
 * on machines of their own. With the embedded store they share one folder, and only PostgreSQL is behind proxies.
 *
 * The proxies hang, as a network that loses packets does. They accept a new connection before it hangs. Network
 * namespaces would refuse to, which clients see as another moment of the same time-out.
 */
export class Machines {
  readonly processes: Parts['processes'];
  /** In front of the api processes, for clients. */
  readonly proxies: Parts['proxies'];
  readonly stores: Parts['stores'];
  readonly receiver: Parts['receiver'];
  readonly reader: Parts['reader'];
  /** The staleness bound that the service states. */
  readonly stalenessMs: Parts['stalenessMs'];
  /** The CLI on the same stores, past all proxies. */
  readonly cli: Parts['cli'];
  readonly #cleanups: (() => Promise<void>)[];

  private constructor(parts: Parts, cleanups: (() => Promise<void>)[]) {
    this.processes = parts.processes;
    this.proxies = parts.proxies;
    this.stores = parts.stores;
    this.receiver = parts.receiver;
    this.reader = parts.reader;
    this.stalenessMs = parts.stalenessMs;
    this.cli = parts.cli;
    this.#cleanups = cleanups;
  }

  static async start(setup: MachinesSetup): Promise<Machines> {
    const cleanups: (() => Promise<void>)[] = [];
    try {
      return new Machines(await startParts(setup, cleanups), cleanups);
    } catch (error) {
      for (const close of cleanups) await close();
      throw error;
    }
  }

  /** The api processes, by node number. */
  get apis(): readonly MachineProcess[] {
    return APIS.map((name) => this.process(name));
  }

  get workers(): readonly MachineProcess[] {
    return WORKERS.map((name) => this.process(name));
  }

  process(name: ProcessName): MachineProcess {
    const found = this.processes.get(name);
    if (found === undefined) throw new RangeError(`Unknown process ${name}`);
    return found;
  }

  async stop(): Promise<void> {
    for (const close of this.#cleanups) await close();
  }
}

async function startParts(
  { seed, graceSeconds, eventStoreDb, onSelfEnd }: MachinesSetup,
  cleanups: (() => Promise<void>)[],
): Promise<Parts> {
  const stores = await SharedStores.start(eventStoreDb);
  cleanups.unshift(() => stores.stop());
  const receiver = await WebhookRecorder.start(seed);
  cleanups.unshift(() => receiver.stop());
  const env = {
    ...WIDE_LIMITS,
    ...randomCredentials(),
    KEY_ENCRYPTION_KEY: '0f'.repeat(32),
    WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
  };
  const folders = new Folders(!eventStoreDb);
  cleanups.unshift(async () => folders.remove());
  const direct = storeSettings(stores.databaseUrl, stores.postgresPort, stores.eventStorePort);
  const cli = new Cli(folders.next(), { ...env, ...direct });

  const names = [...WORKERS, ...APIS];
  const processes = new Map<ProcessName, MachineProcess>();
  for (const name of names) {
    const links = await startLinks(stores);
    cleanups.unshift(...[...links.values()].map((link) => () => link.stop()));
    const process = new MachineProcess({
      name,
      dataDir: folders.next(),
      env: {
        ...env,
        ...storeSettings(
          stores.databaseUrl,
          links.get('postgres')?.port ?? 0,
          links.get('eventstore')?.port ?? null,
        ),
        ROLE: name.startsWith('api') ? 'api' : 'worker',
      },
      links,
      onSelfEnd,
    });
    processes.set(name, process);
  }
  cleanups.unshift(async () => {
    await Promise.all([...processes.values()].map((process) => process.stop()));
  });
  await Promise.all([...processes.values()].map((process) => process.start()));
  const apis = [...processes.values()].filter(({ name }) => name.startsWith('api'));
  const proxies = await Promise.all(apis.map((api) => TcpProxy.start(() => api.port)));
  cleanups.unshift(...proxies.map((proxy) => () => proxy.stop()));
  const service = await makeService(processes.get('api-0'), receiver.url, graceSeconds);
  return { processes, proxies, stores, receiver, cli, ...service };
}

/** A Service with reachability and webhooks. */
async function makeService(
  api: MachineProcess | undefined,
  webhookUrl: string,
  graceSeconds: number,
): Promise<Pick<Parts, 'reader' | 'stalenessMs'>> {
  const program = api?.program ?? null;
  if (program === null) throw new Error('The api process does not run');
  const { sid } = await program.post('/v2/Services', { FriendlyName: 'Chaos' });
  await program.post(`/v2/Services/${sid}`, {
    ReachabilityEnabled: 'true',
    PostWebhookUrl: webhookUrl,
    WebhookFilters: 'onUserUpdated',
  });
  const { body } = await program.post(`/v2/Services/${sid}/Reachability`, {
    GraceSeconds: String(graceSeconds),
  });
  return {
    reader: new ServiceReader(sid, program.credentials),
    stalenessMs: Number(body['staleness_bound_ms']),
  };
}

async function startLinks(stores: SharedStores): Promise<Map<StoreName, TcpProxy>> {
  const links = new Map<StoreName, TcpProxy>();
  links.set('postgres', await TcpProxy.start(() => stores.postgresPort));
  const { eventStorePort } = stores;
  if (eventStorePort !== null) links.set('eventstore', await TcpProxy.start(() => eventStorePort));
  return links;
}

function storeSettings(
  databaseUrl: string,
  postgresPort: number,
  eventStorePort: number | null,
): Record<string, string> {
  const url = new URL(databaseUrl);
  url.port = String(postgresPort);
  const DATABASE_URL = url.href;
  if (eventStorePort === null) return { DATABASE_URL };
  const EVENTSTOREDB_URL = `esdb://127.0.0.1:${eventStorePort}?tls=false`;
  return { DATABASE_URL, EVENT_STORE: 'eventstoredb', EVENTSTOREDB_URL };
}

/** A new folder for each process, or the same one for all. */
class Folders {
  readonly #made: string[] = [];
  readonly #isShared: boolean;

  constructor(isShared: boolean) {
    this.#isShared = isShared;
  }

  next(): string {
    const [first] = this.#made;
    if (this.#isShared && first !== undefined) return first;
    const folder = mkdtempSync(join(tmpdir(), 'reachability-machine-'));
    this.#made.push(folder);
    return folder;
  }

  remove(): void {
    for (const folder of this.#made) rmSync(folder, { recursive: true, force: true });
  }
}
