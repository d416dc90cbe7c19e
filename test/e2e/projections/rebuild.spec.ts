import { DatabaseSync } from 'node:sqlite';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Cli } from '../../support/cli.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { createService } from '../../support/services.ts';
import { accessToken, connect, type StreamClient } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

interface Status {
  readonly projections: readonly {
    readonly name: string;
    readonly live_version: number;
    readonly versions: readonly { readonly version: number; readonly state: string }[];
  }[];
}

describe('A rebuild while a server runs', () => {
  let program: Program;
  let cli: Cli;
  let service: string;
  const clients: StreamClient[] = [];

  beforeAll(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'rebuild-'));
    cli = new Cli(dataDir);
    await cli.json('store', 'seed', '--users', '300', '--events', '10000', '--seed', '3');
    program = await startProgram({ dataDir });
    service = await createService(program);
  });
  afterAll(async () => {
    await program.stop();
    rmSync(program.dataDir, { recursive: true });
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.terminate();
  });

  async function open(identity: string): Promise<StreamClient> {
    const client = connect(program, accessToken(program, service, identity));
    clients.push(client);
    expect(await client.next()).toMatchObject({ type: 'ready' });
    return client;
  }

  const isOnline = async (identity: string): Promise<unknown> =>
    (await program.get(`/v2/Services/${service}/Users/${identity}`)).body['is_online'];

  async function liveVersion(): Promise<number | undefined> {
    const { projections } = (await cli.json('projections', 'status')) as Status;
    return projections.find(({ name }) => name === 'users')?.live_version;
  }

  it('switches versions without a lost change at a watcher, and reads follow', async () => {
    const before = await liveVersion();
    const watcher = await open('watcher');
    watcher.send({ type: 'watch', users: ['alice'] });
    expect(await watcher.next()).toMatchObject({ type: 'snapshot', unknown: ['alice'] });

    const rebuild = cli.start('projections', 'rebuild', 'users');
    const expected: unknown[] = [];
    do {
      const alice = await open('alice');
      await until('alice online', async () => (await isOnline('alice')) === true || undefined);
      expected.push(true);
      alice.terminate();
      await until('alice offline', async () => (await isOnline('alice')) === false || undefined);
      expected.push(false);
    } while (rebuild.child.exitCode === null);
    expect(await rebuild.ended()).toMatchObject({ code: 0 });

    const received: unknown[] = [];
    while (received.length < expected.length) {
      const frame = await watcher.next();
      if (frame['is_online'] !== null) received.push(frame['is_online']);
    }
    expect(received).toEqual(expected);
    expect(await liveVersion()).toBe(Number(before) + 1);
    await open('alice');
    await until('alice online', async () => (await isOnline('alice')) === true || undefined);
  });

  it('repairs differences that verify finds', async () => {
    // A User without Connections: a close that is still to come would repair the row.
    await program.post(`/v2/Services/${service}/Users`, { Identity: 'absent' });
    expect(await cli.run('projections', 'verify', 'users')).toMatchObject({ code: 0 });
    const path = `${program.dataDir}/read-model.db.users@v${await liveVersion()}`;
    const db = new DatabaseSync(path, { timeout: 20_000 });
    db.exec("UPDATE users SET open_connections = 7 WHERE identity = 'absent'");
    db.close();
    const found = await cli.run('projections', 'verify', 'users');
    expect(found.code).toBe(1);
    expect(found.stdout).toMatch(/open_connections is 7, must be 0\n/);
    expect(await cli.run('projections', 'rebuild', 'users')).toMatchObject({ code: 0 });
    expect(await cli.run('projections', 'verify', 'users')).toMatchObject({ code: 0 });
  });

  it('continues after a kill, and the old version can be dropped', async () => {
    const before = await liveVersion();
    const killed = cli.start('projections', 'rebuild', 'users');
    const next = `${program.dataDir}/*users@v${Number(before) + 1}`;
    await until('the next version', () => globSync(next)[0]);
    await killed.interrupt('SIGKILL');
    expect(await cli.run('projections', 'rebuild', 'users')).toMatchObject({ code: 0 });
    expect(await cli.run('projections', 'verify', 'users')).toMatchObject({ code: 0 });
    expect(await cli.run('projections', 'drop', 'users', String(before))).toMatchObject({
      code: 0,
    });
    expect(globSync(`${program.dataDir}/*users@v${before}*`)).toEqual([]);
  });

  it('of an unknown projection is rejected with one line', async () => {
    const { code, stderr } = await cli.run('projections', 'rebuild', 'nobody');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(
        /^There is no projection nobody; the projections are users.*\n$/,
      ),
    });
  });
});
