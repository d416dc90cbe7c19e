import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChatClient, type User } from '#client';
import { migrate } from '#postgres';
import { generateSharedSecrets } from '#shared/composition/shared-secrets';
import { TcpProxy } from '../../chaos/tcp-proxy.ts';
import {
  hasEventStoreDb,
  startEventStoreDb,
  type EventStoreDbServer,
} from '../../support/eventstored.ts';
import { listOf, textOf } from '../../support/fields.ts';
import { hasCommit, OlderProgram } from '../../support/older-program.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../../support/postgres.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { accessToken } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

/** Earlier commits, by the tables of their read model. */
const OLDER = [
  { tables: 'the same tables', commit: '7f20b48a9687dcffbf685fd4f1b0de1f0f647d07' },
  { tables: 'other tables', commit: '51f4ca360190c7e373951173d51d5253863ea9a2' },
] as const;

const canRun = hasPostgres() && hasEventStoreDb();
const IDENTITIES = ['ann', 'ben', 'cat', 'dan'];
const PATIENCE_MS = 90_000;

type Role = 'api' | 'worker';

/** Two api and two worker processes behind a balancer, which are replaced one after another. */
class Installation {
  readonly #events: EventStoreDbServer;
  readonly #postgres: PostgresServer;
  readonly #env: Readonly<Record<string, string>>;
  readonly #balancer: TcpProxy;
  /** In rotation at the balancer. */
  readonly #apis: Program[];
  readonly #workers: Program[] = [];
  #turn = 0;

  private constructor(
    stores: { readonly events: EventStoreDbServer; readonly postgres: PostgresServer },
    env: Readonly<Record<string, string>>,
    balancer: TcpProxy,
    apis: Program[],
  ) {
    this.#events = stores.events;
    this.#postgres = stores.postgres;
    this.#env = env;
    this.#balancer = balancer;
    this.#apis = apis;
  }

  /** Starts processes of the program in a folder. */
  static async start(root: string): Promise<Installation> {
    const [events, postgres] = await Promise.all([startEventStoreDb(), startPostgres()]);
    const env = {
      ...generateSharedSecrets(),
      DATABASE_URL: await postgres.createDatabase(),
      EVENT_STORE: 'eventstoredb',
      EVENTSTOREDB_URL: events.url,
    };
    const apis: Program[] = [];
    let turn = 0;
    const balancer = await TcpProxy.start(() => {
      const api = apis[turn++ % apis.length];
      return Number(new URL(api?.url ?? '').port);
    });
    const installation = new Installation({ events, postgres }, env, balancer, apis);
    for (const role of ['worker', 'worker', 'api', 'api'] as const) {
      await installation.#add(role, root);
    }
    return installation;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#balancer.port}`;
  }

  /** An api in rotation, each in turn. */
  get api(): Program {
    const api = this.#apis[this.#turn++ % this.#apis.length];
    if (api === undefined) throw new Error('There is no api');
    return api;
  }

  /** Does what the new version of `store migrate` does. */
  async migrate(): Promise<void> {
    await migrate(this.#env['DATABASE_URL'] ?? '');
  }

  /** Replaces the process of a role that runs longest by the present program. */
  async replace(role: Role): Promise<void> {
    const former = (role === 'api' ? this.#apis : this.#workers).shift();
    expect(await former?.stop()).toBe(0);
    await this.#add(role);
  }

  async #add(role: Role, root?: string): Promise<void> {
    const env = { ...this.#env, ROLE: role };
    const program = await startProgram({ env, ...(root !== undefined && { root }) });
    (role === 'api' ? this.#apis : this.#workers).push(program);
  }

  async stop(): Promise<void> {
    await this.#balancer.stop();
    await Promise.all([...this.#apis, ...this.#workers].map((program) => program.kill()));
    await this.#postgres.stop();
    await this.#events.stop();
  }
}

for (const { tables, commit } of OLDER) {
  const describeUpgrade = canRun && hasCommit(commit) ? describe : describe.skip;
  describeUpgrade(`An upgrade of one process after another, from a version with ${tables}`, () => {
    const releases: (() => void | Promise<void>)[] = [];
    let installation: Installation;
    let users: string;
    const clients: ChatClient[] = [];
    const wrong: string[] = [];
    let isOver = false;
    let reading: Promise<void> | undefined;
    let written = 0;

    beforeAll(async () => {
      const older = new OlderProgram(commit);
      releases.push(() => older.remove());
      installation = await Installation.start(older.root);
      releases.push(() => installation.stop());
      const { sid } = await installation.api.post('/v2/Services', { FriendlyName: 'x' });
      users = `/v2/Services/${sid}/Users`;
      await installation.api.post(`/v2/Services/${sid}`, { ReachabilityEnabled: 'true' });
      for (const identity of IDENTITIES) await connect(sid, identity);
    }, 400_000);
    afterAll(async () => {
      isOver = true;
      await reading;
      await Promise.all(clients.map((client) => client.shutdown()));
      for (const release of releases.reverse()) await release();
    }, 100_000);

    async function connect(service: string, identity: string): Promise<void> {
      const token = accessToken(installation.api, service, identity);
      clients.push(await ChatClient.create(token, { url: installation.url }));
    }

    /** Notes every answer of an api in rotation that shows a connected User otherwise than online. */
    async function readOnAndOn(): Promise<void> {
      while (!isOver) {
        for (const identity of IDENTITIES) {
          // A process that stops may close a connection on which a request comes.
          const answer = await installation.api.get(`${users}/${identity}`).catch(() => null);
          if (answer === null) continue;
          const { status, body } = answer;
          if (status === 404 || (status === 200 && body['is_online'] !== true)) {
            wrong.push(`${identity}: ${status} ${JSON.stringify(body['is_online'])}`);
          }
        }
      }
    }

    /** Everything that a client is told of the others. */
    async function watch(client: ChatClient): Promise<User[]> {
      const watched = await Promise.all(IDENTITIES.map((identity) => client.getUser(identity)));
      client.on('userUpdated', ({ user }) => {
        if (user.isOnline !== true) wrong.push(`${user.identity} was shown ${user.isOnline}`);
      });
      return watched;
    }

    /** Writes at one api, and reads it at the other. */
    async function writeAndRead(): Promise<void> {
      const name = `user ${++written}`;
      const { headers } = await installation.api.post(users, { Identity: name });
      const version = textOf(headers, 'x-reachability-version');
      const path = `${users}/${encodeURIComponent(name)}`;
      await until(
        `${name} at the other`,
        async () => {
          const read = await installation.api.get(path, {
            headers: { 'X-Reachability-Version': version },
          });
          return read.status === 200 || undefined;
        },
        PATIENCE_MS,
      );
    }

    it('shows no connected User as offline', async () => {
      const [client] = clients;
      if (client === undefined) throw new Error('Clients are connected');
      const watched = await watch(client);
      reading = readOnAndOn();
      await writeAndRead();
      await installation.migrate();
      await writeAndRead();
      for (const role of ['worker', 'api', 'api', 'worker'] as const) {
        await installation.replace(role);
        await writeAndRead();
      }
      expect(watched.map(({ isOnline }) => isOnline)).toEqual(IDENTITIES.map(() => true));
      await until(
        'all clients to be connected',
        () => clients.every(({ connectionState }) => connectionState === 'connected') || undefined,
        PATIENCE_MS,
      );
      for (const identity of IDENTITIES) {
        const { body } = await installation.api.get(`${users}/${identity}/Reachability/History`);
        const answers = listOf(body['history']).map((period) => period['is_online']);
        expect(answers).toContain(true);
        expect(answers).not.toContain(false);
      }
      expect(wrong).toEqual([]);
    }, 600_000);

    it('leaves a set-up that shows who really goes offline', async () => {
      isOver = true;
      await reading;
      wrong.length = 0;
      await clients.at(-1)?.shutdown();
      const gone = IDENTITIES.at(-1) ?? '';
      await until(
        'the client to be told',
        () => wrong.includes(`${gone} was shown false`) || undefined,
      );
    }, 60_000);
  });
}
