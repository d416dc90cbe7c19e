import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cli } from '../../support/cli.ts';
import { randomCredentials, WIDE_LIMITS } from '../cluster.ts';
import { ServiceReader } from '../service-reader.ts';
import { TcpProxy } from '../tcp-proxy.ts';
import { MachineProcess } from './machine-process.ts';
import { APIS, WORKERS, type ProcessName, type StoreName } from './machines-plan.ts';
import { SharedStores, type Stores } from './shared-stores.ts';
import { WebhookRecorder } from './webhook-recorder.ts';

export interface MachinesSetup {
  readonly seed: number;
  readonly graceSeconds: number;
  readonly eventStoreDb: boolean;
  /** Called when a process ends by itself. */
  readonly onSelfEnd: (what: string, from: number) => void;
}

/** What a run consists of. */
export interface MachineParts {
  readonly processes: ReadonlyMap<ProcessName, MachineProcess>;
  /** Names of the processes that keep the read model and deliver webhooks. */
  readonly workerNames: readonly ProcessName[];
  readonly proxies: readonly TcpProxy[];
  readonly stores: Stores;
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
  readonly processes: MachineParts['processes'];
  /** In front of the api processes, for clients. */
  readonly proxies: MachineParts['proxies'];
  readonly stores: MachineParts['stores'];
  readonly receiver: MachineParts['receiver'];
  readonly reader: MachineParts['reader'];
  /** The staleness bound that the service states. */
  readonly stalenessMs: MachineParts['stalenessMs'];
  /** The CLI on the same stores, past all proxies. */
  readonly cli: MachineParts['cli'];
  readonly #workerNames: readonly ProcessName[];
  readonly #cleanups: (() => Promise<void>)[];

  private constructor(parts: MachineParts, cleanups: (() => Promise<void>)[]) {
    this.processes = parts.processes;
    this.#workerNames = parts.workerNames;
    this.proxies = parts.proxies;
    this.stores = parts.stores;
    this.receiver = parts.receiver;
    this.reader = parts.reader;
    this.stalenessMs = parts.stalenessMs;
    this.cli = parts.cli;
    this.#cleanups = cleanups;
  }

  static start(setup: MachinesSetup): Promise<Machines> {
    return Machines.startBy((cleanups) => startParts(setup, cleanups));
  }

  /** @param startParts also adds what must be done at the end, the last first */
  static async startBy(
    startParts: (cleanups: (() => Promise<void>)[]) => Promise<MachineParts>,
  ): Promise<Machines> {
    const cleanups: (() => Promise<void>)[] = [];
    try {
      return new Machines(await startParts(cleanups), cleanups);
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
    return this.#workerNames.map((name) => this.process(name));
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
): Promise<MachineParts> {
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
  return { processes, workerNames: WORKERS, proxies, stores, receiver, cli, ...service };
}

/** A Service with reachability and webhooks. */
export async function makeService(
  api: MachineProcess | undefined,
  webhookUrl: string,
  graceSeconds: number,
): Promise<Pick<MachineParts, 'reader' | 'stalenessMs'>> {
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
