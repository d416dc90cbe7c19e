import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cli, type CliUser } from '../../support/cli.ts';
import { startProgram } from '../../support/program.ts';

/** Root may write to everything, so as root the commands run as "nobody". */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const reader: CliUser = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

describe('Commands on a data directory that cannot be written', () => {
  let directory: string;
  let dataDir: string;
  let service: string;
  let cli: Cli;
  let contents: ReadonlyMap<string, string>;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'reachability-read-only-'));
    dataDir = join(directory, 'data');
    const program = await startProgram({ dataDir });
    service = (await program.post('/v2/Services', { FriendlyName: 'Kept' })).sid;
    await program.post(`/v2/Services/${service}`, { ReachabilityEnabled: 'true' });
    await program.post(`/v2/Services/${service}/Users`, { Identity: 'ann' });
    await program.stop();
    const temporary = join(directory, 'temporary');
    mkdirSync(temporary);
    if (isRoot) chownSync(temporary, NOBODY, NOBODY);
    contents = contentsOf(dataDir);
    forEachPath((path, isFolder) => {
      if (isRoot) chownSync(path, NOBODY, NOBODY);
      chmodSync(path, isFolder ? 0o500 : 0o400);
    });
    chmodSync(directory, 0o755);
    cli = new Cli(dataDir, { TMPDIR: temporary }, reader);
  });

  afterAll(() => {
    forEachPath((path, isFolder) => isFolder && chmodSync(path, 0o700));
    rmSync(directory, { recursive: true });
  });

  function forEachPath(visit: (path: string, isFolder: boolean) => void): void {
    const folders = [dataDir, join(dataDir, 'nodes')];
    for (const folder of folders) visit(folder, true);
    for (const folder of folders) {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.isFile()) visit(join(folder, entry.name), false);
      }
    }
  }

  const contentsOf = (folder: string): ReadonlyMap<string, string> =>
    new Map(
      readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => [name, readFileSync(join(folder, name), 'base64')]),
    );

  it.each([
    ['users get', () => ['users', 'get', 'ann', '--service', service], 'ann'],
    ['services list', () => ['services', 'list'], 'Kept'],
    ['audit user', () => ['audit', 'user', 'ann', '--service', service], 'ann'],
    ['audit service', () => ['audit', 'service', service], 'Reachability was enabled'],
    ['audit export', () => ['audit', 'export'], 'UserCreated'],
    ['events replay', () => ['events', 'replay'], 'UserCreated'],
    ['projections status', () => ['projections', 'status'], 'timeline'],
    ['projections verify', () => ['projections', 'verify', 'users'], 'users'],
    ['webhooks status', () => ['webhooks', 'status'], ''],
    ['keys list', () => ['keys', 'list'], ''],
    ['store stats', () => ['store', 'stats'], 'UserCreated'],
  ])('read it: %s', async (_, args, printed) => {
    const { code, stdout, stderr } = await cli.run(...args());
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    expect(stdout).toContain(printed);
  });

  it('back it up', async () => {
    const backup = join(directory, 'temporary', 'backup');
    const { code } = await cli.run('store', 'backup', backup);
    expect([code, readdirSync(backup).sort()]).toEqual([0, ['events.db', 'manifest.json']]);
    rmSync(backup, { recursive: true });
  });

  it('leave nothing behind', () => {
    expect(contentsOf(dataDir)).toEqual(contents);
    expect(readdirSync(join(directory, 'temporary'))).toEqual([]);
  });

  it('refuse to change it, with one line', async () => {
    for (const args of [
      ['services', 'create', 'New'],
      ['projections', 'rebuild', 'users'],
    ]) {
      const { code, stdout, stderr } = await cli.run(...args);
      expect([code, stdout, stderr.trim().split('\n').length]).toEqual([3, '', 1]);
    }
  });

  it('refuse to read it without the events of a server that was killed, with one line', async () => {
    const log = join(dataDir, 'events.db-wal');
    chmodSync(dataDir, 0o700);
    writeFileSync(log, 'not empty');
    chmodSync(log, 0o444);
    chmodSync(dataDir, 0o500);
    const { code, stderr } = await cli.run('services', 'list');
    expect([code, stderr]).toEqual([
      3,
      `${log} is not empty: a server has the store open, or did not stop cleanly. Copy the directory to where it can be written\n`,
    ]);
  });
});
