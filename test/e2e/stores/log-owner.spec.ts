import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openStoresToWrite, type Stores } from '#shared/composition/stores';
import { readSettings } from '#shared/settings/settings';
import { Cli } from '../../support/cli.ts';
import { startFakeStreams } from '../../support/fake-streams.ts';
import { hasEventStoreDb, startEventStoreDb } from '../../support/eventstored.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { createService } from '../../support/services.ts';
import { accessToken, connect } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

const IN_USE =
  /^The event store is in use with another data directory, \/\S+ of machine \S+\. Processes of one machine must share its DATA_DIR; several machines need DATABASE_URL\. To overrule this, run: reachability nodes forget [0-9a-f]{16}$/m;

/** Data folders, as if each were on a machine of its own. */
class Folders {
  readonly #scratch = mkdtempSync(join(tmpdir(), 'log-owner-'));

  of(name: string): string {
    return join(this.#scratch, name);
  }

  remove(): void {
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}

function sharedLog(url: string): Record<string, string> {
  return { EVENT_STORE: 'eventstoredb', EVENTSTOREDB_URL: url };
}

describe('A data folder beside another one that is alive, with a stand-in for EventStoreDB', () => {
  let folders: Folders;
  let server: Awaited<ReturnType<typeof startFakeStreams>>;
  let living: Stores;
  let env: Record<string, string>;

  beforeAll(async () => {
    folders = new Folders();
    server = await startFakeStreams();
    env = sharedLog(server.url);
    living = await openStoresToWrite(readSettings({ ...env, DATA_DIR: folders.of('living') }));
  });
  afterAll(async () => {
    await living.close();
    server.stop();
    folders.remove();
  });

  it('does not start, and says in one line why and what to set', async () => {
    const start = startProgram({ env, dataDir: folders.of('other'), untilReady: false });
    await expect(start).rejects.toThrow(IN_USE);
  });

  it('refuses commands that change something, and runs those that read', async () => {
    const cli = new Cli(folders.of('other'), env);
    const refused = await cli.run('services', 'create', 'Desk');
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringMatching(IN_USE) });
    expect(refused.stderr.trim().split('\n')).toHaveLength(1);
    expect(await cli.json('store', 'stats')).toMatchObject({ events: 0 });
  });
});

/** Most milliseconds for what takes seconds: each test starts several programs, on a machine that may be busy. */
const PATIENCE_MS = 60_000;
const TEST_TIMEOUT_MS = 300_000;

/** Needs an `eventstored` on PATH. */
const describeWithServer = hasEventStoreDb() ? describe : describe.skip;

describeWithServer('A data folder beside another one, with EventStoreDB', () => {
  let folders: Folders;
  let env: Record<string, string>;
  let stopServer: () => Promise<void>;
  const programs: Program[] = [];

  beforeAll(async () => {
    const { url, stop } = await startEventStoreDb();
    env = sharedLog(url);
    stopServer = stop;
  });
  beforeEach(() => {
    folders = new Folders();
  });
  afterEach(async () => {
    await Promise.all(programs.splice(0).map((program) => program.stop()));
    folders.remove();
  });
  afterAll(() => stopServer());

  async function start(folder: string, settings: Record<string, string> = {}): Promise<Program> {
    const dataDir = folders.of(folder);
    const program = await startProgram({ env: { ...env, ...settings }, dataDir });
    programs.push(program);
    return program;
  }

  function signal({ pid }: Program, name: NodeJS.Signals): void {
    if (pid === undefined) throw new Error('The program has ended');
    process.kill(pid, name);
  }

  it(
    'starts when the last process of the other has stopped, and at once then',
    async () => {
      const one = await start('one');
      const two = await start('one', { ROLE: 'api' });
      await one.stop();
      await expect(start('two')).rejects.toThrow(IN_USE);
      expect((await two.get('/health/live')).status).toBe(200);
      await two.stop();
      const { stdout, stderr } = (await start('two')).output;
      expect(stdout + stderr).not.toContain('without a sign of life');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'takes over from a frozen process, whose clients go offline, and which stops when it wakes up',
    async () => {
      const frozen = await start('frozen', { NODE_ID: 'east' });
      const service = await createService(frozen, 0);
      const client = connect(frozen, accessToken(frozen, service, 'ann'));
      expect(await client.next()).toMatchObject({ type: 'ready' });
      signal(frozen, 'SIGSTOP');
      const next = await start('next');
      await until(
        'ann to be offline',
        async () => {
          const { body } = await next.get(`/v2/Services/${service}/Users/ann`);
          return body['is_online'] === false || undefined;
        },
        PATIENCE_MS,
      );
      signal(frozen, 'SIGCONT');
      expect(await frozen.ended()).toBe(1);
      expect(frozen.output.stderr).toMatch(
        /^The event store is in use with \/\S+next of machine \S+ now, as this process gave no sign of life or was forgotten$/m,
      );
      client.terminate();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'takes over at once from one that an operator forgets, whose process stops',
    async () => {
      const forgotten = await start('forgotten');
      const cli = new Cli(folders.of('next'), env);
      const refused = await cli.run('services', 'create', 'Desk');
      const command = /nodes forget [0-9a-f]{16}/.exec(refused.stderr)?.[0] ?? '';
      expect(await cli.run(...command.split(' '))).toMatchObject({ code: 0 });
      const next = await start('next');
      expect(await forgotten.ended()).toBe(1);
      await createService(next);
    },
    TEST_TIMEOUT_MS,
  );
});
