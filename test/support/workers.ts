import { migrate } from '#postgres';
import { generateSharedSecrets } from '#shared/composition/shared-secrets';
import { TcpProxy } from '../chaos/tcp-proxy.ts';
import { startEventStoreDb, type EventStoreDbServer } from './eventstored.ts';
import { startPostgres, type PostgresServer } from './postgres.ts';
import { startProgram, type Program } from './program.ts';

const SECRETS = generateSharedSecrets();

/** What can happen to a worker, and how it ends. */
export type Fault = 'killed' | 'frozen' | 'cut off from PostgreSQL' | 'cut off from EventStoreDB';

/** A worker on a machine of its own, with links to the stores that can be cut. */
export class Worker {
  readonly #env: Readonly<Record<string, string>>;
  readonly #postgres: TcpProxy;
  readonly #events: TcpProxy;
  #program: Program;

  private constructor(
    env: Readonly<Record<string, string>>,
    postgres: TcpProxy,
    events: TcpProxy,
    program: Program,
  ) {
    this.#env = env;
    this.#postgres = postgres;
    this.#events = events;
    this.#program = program;
  }

  static async start(stores: Stores): Promise<Worker> {
    const postgres = await TcpProxy.start(() => stores.postgres.port);
    const events = await TcpProxy.start(() => stores.events.port);
    const env = {
      ...stores.env,
      ROLE: 'worker',
      DATABASE_URL: stores.databaseUrl.replace(`:${stores.postgres.port}/`, `:${postgres.port}/`),
      EVENTSTOREDB_URL: `esdb://127.0.0.1:${events.port}?tls=false`,
    };
    const program = await startProgram({ env, untilReady: false });
    return new Worker(env, postgres, events, program);
  }

  get output(): string {
    return this.#program.output.stderr;
  }

  async suffer(fault: Fault): Promise<void> {
    if (fault === 'killed') await this.#program.kill();
    else if (fault === 'frozen') this.#signal('SIGSTOP');
    else this.#linkOf(fault).cut();
  }

  /** Ends a fault; a worker that was killed starts again on the same folder. */
  async recoverFrom(fault: Fault): Promise<void> {
    if (fault === 'killed') {
      this.#program = await this.#program.restart({ env: this.#env, untilReady: false });
    } else if (fault === 'frozen') this.#signal('SIGCONT');
    else this.#linkOf(fault).restore();
  }

  async stop(): Promise<void> {
    await this.#program.kill();
    await Promise.all([this.#postgres.stop(), this.#events.stop()]);
  }

  #linkOf(fault: 'cut off from PostgreSQL' | 'cut off from EventStoreDB'): TcpProxy {
    return fault === 'cut off from PostgreSQL' ? this.#postgres : this.#events;
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#program;
    if (pid === undefined) throw new Error('The worker does not run');
    process.kill(pid, signal);
  }
}

interface Stores {
  readonly events: EventStoreDbServer;
  readonly postgres: PostgresServer;
  readonly databaseUrl: string;
  /** Settings of every program on them. */
  readonly env: Readonly<Record<string, string>>;
}

/** An api and two workers, each on a machine of its own. */
export class TwoWorkers {
  readonly api: Program;
  readonly workers: readonly [Worker, Worker];
  readonly #stores: Stores;

  private constructor(stores: Stores, api: Program, workers: readonly [Worker, Worker]) {
    this.#stores = stores;
    this.api = api;
    this.workers = workers;
  }

  /** @param prepare runs with the settings before the programs start */
  static async start(
    prepare: (env: Stores['env']) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<TwoWorkers> {
    const [events, postgres] = await Promise.all([startEventStoreDb(), startPostgres()]);
    const databaseUrl = await postgres.createDatabase();
    await migrate(databaseUrl);
    const env = {
      ...SECRETS,
      DATABASE_URL: databaseUrl,
      EVENT_STORE: 'eventstoredb',
      EVENTSTOREDB_URL: events.url,
      WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
    };
    await prepare(env);
    const stores = { events, postgres, databaseUrl, env };
    const workers = [await Worker.start(stores), await Worker.start(stores)] as const;
    const api = await startProgram({ env: { ...env, ROLE: 'api' } });
    return new TwoWorkers(stores, api, workers);
  }

  async stop(): Promise<void> {
    await Promise.all([this.api.kill(), ...this.workers.map((worker) => worker.stop())]);
    await this.#stores.postgres.stop();
    await this.#stores.events.stop();
  }
}
