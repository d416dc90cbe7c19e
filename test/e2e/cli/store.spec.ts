import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cli } from '../../support/cli.ts';

const SEED = ['--users', '30', '--events', '600', '--seed', '5'];

describe('The store on the command line', () => {
  let directory: string;
  let cli: Cli;
  let file: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'reachability-store-'));
    cli = new Cli(join(directory, 'data'));
    file = join(directory, 'log.ndjson');
    await cli.json('store', 'seed', ...SEED);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('seeds the number of events asked for, and writes nothing the second time', async () => {
    expect(await cli.json('store', 'seed', ...SEED)).toEqual({
      events: 600,
      present: 600,
      written: 0,
    });
    expect(await cli.json('store', 'stats')).toMatchObject({
      events: 600,
      streams: { user: 30 },
      first_at: expect.stringMatching(/^2025-01-06T/) as unknown,
    });
  });

  it('rejects a seed into a store with another log', async () => {
    const result = await cli.run('store', 'seed', '--users', '30', '--seed', '6');
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(
      /^Cannot seed: The store has events that are not part of this history: .*\n$/,
    );
  });

  it.each([
    [['store', 'seed', '--users', 'many'], /whole number from 1 on/],
    [['store', 'seed', '--users', '30', '--events', '50'], /30 users take at least 100 events/],
    [['store', 'import', '/nowhere/log.ndjson'], /^Cannot import .*: no such file/],
    [['store', 'import', '.'], /^Cannot import \.: is a directory/],
    [['store', 'export', '/nowhere/log.ndjson'], /^Cannot write .*: no such file/],
    [['store', 'export', '.'], /^Cannot write \.: is a directory/],
    [['store', 'export'], /missing required argument/],
  ])('rejects %j with one line and exit code 2', async (args, line) => {
    const { code, stdout, stderr } = await cli.run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('exports a log, and imports it into another store, whose export is the same', async () => {
    const exported = await cli.json('store', 'export', file);
    expect(exported).toMatchObject({ file, events: 600 });
    const copy = new Cli(join(directory, 'copy'));
    expect(await copy.json('store', 'import', file)).toEqual({
      events: 600,
      present: 0,
      written: 600,
      unknown_types: {},
    });
    const again = join(directory, 'again.ndjson');
    const { sha256 } = exported as { sha256: string };
    expect(await copy.json('store', 'export', again)).toMatchObject({ sha256 });
    expect(readFileSync(again, 'utf8').split('\n').slice(1)).toEqual(
      readFileSync(file, 'utf8').split('\n').slice(1),
    );
    expect(readdirSync(directory).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it('warns where the verified read model is behind the log', async () => {
    const { code, stderr } = await cli.run('projections', 'verify', 'users');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^users is behind the log: /m);
    expect(await cli.run('projections', 'rebuild', 'users')).toMatchObject({ code: 0 });
    const rebuilt = await cli.run('projections', 'verify', 'users');
    expect(rebuilt.stderr).not.toContain('behind');
  });

  it('rejects a truncated file with the line, and writes nothing', async () => {
    await cli.json('store', 'export', file);
    const lines = readFileSync(file, 'utf8').split('\n');
    const cut = join(directory, 'cut.ndjson');
    writeFileSync(cut, `${lines.slice(0, 300).join('\n')}\n`);
    const empty = new Cli(join(directory, 'empty'));
    expect(await empty.run('store', 'import', cut)).toEqual({
      code: 1,
      stdout: '',
      stderr: `Cannot import ${cut}: Line 301 is missing: the file ends without a trailer. Nothing was written.\n`,
    });
    expect(await empty.json('store', 'stats')).toMatchObject({ events: 0 });
  });

  it('rejects a file with one changed letter, with the line', async () => {
    await cli.json('store', 'export', file);
    const lines = readFileSync(file, 'utf8').split('\n');
    const altered = lines.with(
      99,
      (lines[99] ?? '').replace('"occurredAt":"2025', '"occurredAt":"2024'),
    );
    const path = join(directory, 'altered.ndjson');
    writeFileSync(path, altered.join('\n'));
    const result = await new Cli(join(directory, 'empty')).run('store', 'import', path);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/: Line 100 is altered, or /);
  });

  it('verifies an intact log, and prints the damage of another', async () => {
    expect(await cli.json('store', 'verify')).toMatchObject({ ok: true, events: 600, errors: 0 });
    const data = join(directory, 'damaged');
    const damaged = new Cli(data);
    await damaged.json('store', 'seed', ...SEED);
    const db = new DatabaseSync(join(data, 'events.db'));
    db.exec(`UPDATE events SET type = 'Unheard' WHERE position = 20;
             UPDATE events SET data = '{' WHERE position = 30`);
    db.close();
    const { code, stdout } = await damaged.run('store', 'verify');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^error: Unheard at .*@\d+ \(position 0{18}20\): Unknown event type/m);
    expect(stdout).toMatch(/position 0{18}30\): .* has data that is not JSON$/m);
    expect(stdout).toMatch(/: 2 errors, 0 warnings\n$/);
    const json = await damaged.run('store', 'verify', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, errors: 2 });
    expect((await damaged.run('store', 'export', join(directory, 'none'))).code).toBe(1);
    expect(readdirSync(directory)).not.toContain('none');
  });

  it('ends a seed at Ctrl-C with exit code 130, and leaves a valid log', async () => {
    const other = new Cli(join(directory, 'interrupted'));
    const options = ['--users', '2000', '--events', '200000'];
    const seeding = other.start('store', 'seed', ...options);
    await seeding.printed(/Seeding .*events/, 'stderr');
    expect(await seeding.interrupt()).toMatchObject({ code: 130, stdout: '' });
    const { events } = (await other.json('store', 'stats')) as { events: number };
    expect(events).toBeGreaterThan(0);
    expect(events).toBeLessThan(200_000);
    expect(await other.json('store', 'verify')).toMatchObject({ ok: true, events });
  });
});
