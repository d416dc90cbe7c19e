import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Cli } from '../../support/cli.ts';
import { startProgram } from '../../support/program.ts';

describe('Files that the programs create', () => {
  let directory: string;
  let dataDir: string;
  let umask: number;

  beforeEach(() => {
    umask = process.umask(0);
    directory = mkdtempSync(join(tmpdir(), 'reachability-private-'));
    dataDir = join(directory, 'data');
    mkdirSync(dataDir);
    chmodSync(dataDir, 0o777);
  });
  afterEach(() => {
    process.umask(umask);
    rmSync(directory, { recursive: true });
  });

  /** The paths that are not only the owner's, with their modes. */
  function exposed(root: string): string[] {
    const names = ['.', ...readdirSync(root, { recursive: true, encoding: 'utf8' })];
    return names.flatMap((name) => {
      const stats = statSync(join(root, name));
      const wanted = stats.isDirectory() ? 0o700 : 0o600;
      const mode = stats.mode & 0o777;
      return mode === wanted ? [] : [`${name} ${mode.toString(8)}`];
    });
  }

  it('are only for their owner: those of a running server', async () => {
    const program = await startProgram({ dataDir });
    try {
      await program.post('/v2/Services', { FriendlyName: 'Private' });
      const files = readdirSync(dataDir);
      expect(files).toEqual(
        expect.arrayContaining([
          'credentials.json',
          'events.db',
          'events.db-wal',
          'nodes',
          'state.db',
        ]),
      );
      expect(exposed(dataDir)).toEqual([]);
    } finally {
      await program.stop();
    }
    expect(exposed(dataDir)).toEqual([]);
  });

  it('are only for their owner: those of commands', async () => {
    const cli = new Cli(dataDir);
    const { sid } = (await cli.json('services', 'create', 'Private')) as { sid: string };
    const out = join(directory, 'out');
    mkdirSync(out);
    mkdirSync(join(out, 'backup'));
    await cli.json('store', 'backup', join(out, 'backup'));
    await cli.json('store', 'export', join(out, 'log.ndjson'));
    expect(
      (await cli.run('audit', 'export', '--service', sid, '--out', join(out, 'a.csv'))).code,
    ).toBe(0);
    await cli.json('store', 'restore', join(out, 'backup'), '--data-dir', join(out, 'restored'));
    chmodSync(out, 0o700);
    expect(exposed(dataDir)).toEqual([]);
    expect(exposed(out)).toEqual([]);
  });

  it('do not keep the access that others had before', async () => {
    const cli = new Cli(dataDir);
    await cli.json('services', 'create', 'Private');
    chmodSync(dataDir, 0o755);
    for (const name of readdirSync(dataDir)) chmodSync(join(dataDir, name), 0o644);
    const program = await startProgram({ dataDir, env: { LOG_LEVEL: 'info' } });
    await program.stop();
    expect(exposed(dataDir)).toEqual([]);
    expect(program.output.stdout).toContain(
      `${join(dataDir, 'events.db')} had mode 644: only its owner may access it from now on`,
    );
  });
});
