import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cli } from '../../support/cli.ts';
import { startProgram, type Program } from '../../support/program.ts';

interface Manifest {
  readonly epoch: string;
  readonly position: string;
  readonly events: number;
}

describe('A backup of the log, made while a server runs and is written to', () => {
  let directory: string;
  let data: string;
  let backup: string;
  let cli: Cli;
  let program: Program;
  let service: string;
  let manifest: Manifest;

  const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
  const reachabilityPath = (identity: string): string =>
    `/v2/Services/${service}/Users/${identity}/Reachability`;

  /** Creates Users one after another until `done` is settled; returns their number. */
  async function createUsersUntil(done: Promise<unknown>): Promise<number> {
    const backingUp = { ended: false };
    void done.finally(() => (backingUp.ended = true));
    let count = 0;
    for (; !backingUp.ended; count += 1) {
      await program.post(`/v2/Services/${service}/Users`, { Identity: `u${count}` });
    }
    return count;
  }

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'reachability-backup-'));
    data = join(directory, 'data');
    backup = join(directory, 'backup');
    cli = new Cli(data);
    await cli.json('store', 'seed', '--users', '200', '--events', '20000');
    program = await startProgram({ dataDir: data });
    ({ sid: service } = await program.post('/v2/Services', { FriendlyName: 'Busy' }));
    await program.post(`/v2/Services/${service}/Users`, { Identity: 'before' });
    const backingUp = cli.json('store', 'backup', backup);
    expect(await createUsersUntil(backingUp)).toBeGreaterThan(0);
    manifest = (await backingUp) as Manifest;
    await program.post(`/v2/Services/${service}/Users`, { Identity: 'after' });
  }, 120_000);
  afterAll(async () => {
    await program.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  it('is private, and has a manifest', () => {
    expect(readdirSync(backup).sort()).toEqual(['events.db', 'manifest.json']);
    expect(modeOf(backup)).toBe('700');
    expect(modeOf(join(backup, 'events.db'))).toBe('600');
    expect(modeOf(join(backup, 'manifest.json'))).toBe('600');
    expect(JSON.parse(readFileSync(join(backup, 'manifest.json'), 'utf8'))).toEqual({
      format: 1,
      epoch: manifest.epoch,
      position: manifest.position,
      events: manifest.events,
      created_at: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
    });
  });

  it('is not overwritten', async () => {
    const before = readFileSync(join(backup, 'manifest.json'), 'utf8');
    expect(await cli.run('store', 'backup', backup)).toEqual({
      code: 2,
      stdout: '',
      stderr: `Cannot back up to ${backup}: ${backup} is not empty\n`,
    });
    expect(readFileSync(join(backup, 'manifest.json'), 'utf8')).toBe(before);
  });

  it('restores the log up to its position, with another epoch, for a server elsewhere', async () => {
    const { body: original } = await program.get(reachabilityPath('before'));
    await program.stop();
    const elsewhere = join(directory, 'elsewhere');
    const restored = new Cli(elsewhere);
    const result = (await restored.json('store', 'restore', backup)) as Manifest;
    expect(result).toMatchObject({
      events: manifest.events,
      position: manifest.position,
      previous_epoch: manifest.epoch,
    });
    expect(result.epoch).not.toBe(manifest.epoch);
    expect(modeOf(elsewhere)).toBe('700');
    expect(modeOf(join(elsewhere, 'events.db'))).toBe('600');
    expect(readdirSync(elsewhere)).toEqual(['events.db']);
    expect(await restored.json('store', 'stats')).toMatchObject({
      epoch: result.epoch,
      head: manifest.position,
      events: manifest.events,
    });
    expect(await restored.json('store', 'verify')).toMatchObject({ ok: true });
    const events = await eventsOf(restored, 'restored.ndjson');
    expect(events).toHaveLength(manifest.events);
    expect((await eventsOf(cli, 'original.ndjson')).slice(0, manifest.events)).toEqual(events);

    program = await startProgram({ dataDir: elsewhere });
    const { body: user } = await program.get(reachabilityPath('before'));
    expect(user['identity']).toBe('before');
    expect(original['version']).toMatch(`${manifest.epoch}:`);
    expect(user['version']).toMatch(`${result.epoch}:`);
    expect((await program.get(reachabilityPath('after'))).status).toBe(404);
    expect(await usersOf(restored)).toEqual(await usersOf(cli));
  }, 120_000);

  /** The lines of events in an export of the log. */
  async function eventsOf(of: Cli, name: string): Promise<string[]> {
    const file = join(directory, name);
    await of.json('store', 'export', file);
    return readFileSync(file, 'utf8').split('\n').slice(1, -2);
  }

  /** Users of a seeded Service, which did not change during the backup. */
  async function usersOf(of: Cli): Promise<unknown> {
    const { services } = (await of.json('services', 'list')) as { services: { sid: string }[] };
    const seeded = services.find(({ sid }) => sid !== service)?.sid ?? '';
    const list = (await of.json('users', 'list', '--service', seeded)) as {
      users: { sid: string; identity: string; attributes: string }[];
    };
    return list.users.map(({ sid, identity, attributes }) => [sid, identity, attributes]);
  }

  it('is not restored into a directory that is not empty', async () => {
    const full = join(directory, 'full');
    mkdirSync(full);
    writeFileSync(join(full, 'notes.txt'), 'mine');
    const { code, stderr } = await new Cli(full).run('store', 'restore', backup);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `Cannot restore ${backup}: ${full} is not empty\n`,
    });
    expect(readdirSync(full)).toEqual(['notes.txt']);
  });

  it.each([
    [
      'whose file is truncated',
      (copy: string) => truncateSync(join(copy, 'events.db'), 40_960),
      /events\.db is damaged: it differs from manifest\.json/,
    ],
    [
      'that lacks events',
      (copy: string) =>
        writeFileSync(
          join(copy, 'manifest.json'),
          JSON.stringify({ format: 1, created_at: '', ...manifest, events: manifest.events + 1 }),
        ),
      /events\.db is damaged: it differs from manifest\.json/,
    ],
    [
      'whose manifest is not one',
      (copy: string) => writeFileSync(join(copy, 'manifest.json'), '{"format":1'),
      /manifest\.json is not one of a backup/,
    ],
  ])('is not restored %s, and leaves nothing behind', async (_, damage, message) => {
    const copy = join(directory, 'damaged');
    const target = join(directory, 'target');
    rmSync(copy, { recursive: true, force: true });
    cpSync(backup, copy, { recursive: true });
    damage(copy);
    const { code, stderr } = await new Cli(target).run('store', 'restore', copy);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(message) as unknown,
    });
    expect(existsSync(target)).toBe(false);
  });

  it('is not restored without its manifest, nor from a directory that does not exist', async () => {
    const none = join(directory, 'none');
    expect(await new Cli(none).run('store', 'restore', data)).toEqual({
      code: 1,
      stdout: '',
      stderr: `Cannot restore ${data}: ${data} is not a complete backup: it has no manifest.json\n`,
    });
    expect(await new Cli(none).run('store', 'restore', none)).toEqual({
      code: 2,
      stdout: '',
      stderr: `Cannot restore ${none}: no such file or directory\n`,
    });
  });

  it.each(['backup', 'restore'])(
    'is not made with EventStoreDB: %s says what to do',
    async (name) => {
      const shared = new Cli(join(directory, 'none'), {
        EVENT_STORE: 'eventstoredb',
        EVENTSTOREDB_URL: 'esdb://127.0.0.1:1?tls=false',
      });
      const { code, stderr } = await shared.run('store', name, join(directory, 'none'));
      expect(code).toBe(2);
      expect(stderr).toMatch(/^The log is in EventStoreDB: .* with the tools of EventStoreDB, or /);
    },
  );

  it('is not made of a data directory without a log', async () => {
    const { code, stderr } = await new Cli(backup + '2').run('store', 'backup', `${backup}3`);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: `There is no data directory ${backup}2\n`,
    });
    expect(existsSync(`${backup}3`)).toBe(false);
  });
});
