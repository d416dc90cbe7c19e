import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileLeaseStore } from './file-lease-store.ts';

describe('Leases in files', () => {
  let directory: string;
  let store: FileLeaseStore;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'leases-'));
    store = new FileLeaseStore(directory);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const lease = (nodeId: string, incarnation = 1, counter = 1) => ({
    nodeId,
    incarnation,
    counter,
  });

  it('are visible to every store on the directory, the latest of each node', async () => {
    await store.renew(lease('a'));
    await store.renew(lease('b.1'));
    await store.renew(lease('a', 1, 2));
    const seen = await new FileLeaseStore(directory).list();
    expect(seen).toHaveLength(2);
    expect(seen).toEqual(expect.arrayContaining([lease('a', 1, 2), lease('b.1')]));
  });

  it('are an empty list before the first renewal, with or without the directory', async () => {
    expect(await store.list()).toEqual([]);
    const other = new FileLeaseStore(join(directory, 'not', 'yet'));
    expect(await other.list()).toEqual([]);
    await other.renew(lease('a'));
    expect(await other.list()).toEqual([lease('a')]);
  });

  it('are removed; removing twice does no harm', async () => {
    await store.renew(lease('a'));
    await store.renew(lease('b'));
    await store.remove(lease('a'));
    await store.remove(lease('a'));
    expect(await store.list()).toEqual([lease('b')]);
  });

  it('of a later incarnation survive the removal of an earlier one', async () => {
    await store.renew(lease('a', 2));
    await store.remove(lease('a', 1));
    expect(await store.list()).toEqual([lease('a', 2)]);
  });

  it('are never read half-written while they are renewed', async () => {
    const other = new FileLeaseStore(directory);
    await store.renew(lease('a', 1, 0));
    const renewals = (async () => {
      for (let counter = 1; counter <= 300; counter += 1) await store.renew(lease('a', 1, counter));
    })();
    let last = 0;
    while (last < 300) {
      const [seen] = await other.list();
      expect(seen?.counter).toBeGreaterThanOrEqual(last);
      last = seen?.counter ?? NaN;
    }
    await renewals;
  });

  it('are renewed when the process has no file descriptor left', () => {
    const script = `
      import { openSync } from 'node:fs';
      import { FileLeaseStore } from ${JSON.stringify(import.meta.resolve('./file-lease-store.ts'))};
      const store = new FileLeaseStore(${JSON.stringify(directory)});
      await store.renew({ nodeId: 'a', incarnation: 1, counter: 1 });
      try {
        for (;;) openSync('/dev/null', 'r');
      } catch (error) {
        if (error.code !== 'EMFILE') throw error;
      }
      await store.renew({ nodeId: 'a', incarnation: 1, counter: 2 });
      process.stdout.write('renewed');`;
    const command = `ulimit -n 64; exec "$0" --input-type=module -e "$1"`;
    const { stdout, stderr } = spawnSync('sh', ['-c', command, process.execPath, script], {
      encoding: 'utf8',
    });
    expect([stdout, stderr]).toEqual(['renewed', '']);
    return expect(store.list()).resolves.toEqual([lease('a', 1, 2)]);
  });

  it.each([
    ['removed', (path: string) => rmSync(path)],
    [
      'replaced',
      (path: string) => {
        writeFileSync(`${path}.other`, '{}');
        renameSync(`${path}.other`, path);
      },
    ],
  ])('are restored by the next renewal after their file was %s', async (_, damage) => {
    await store.renew(lease('a'));
    damage(join(directory, 'a.lease'));
    await store.renew(lease('a', 1, 2));
    expect(await new FileLeaseStore(directory).list()).toEqual([lease('a', 1, 2)]);
  });

  it('of an older program, without a checksum, are read', async () => {
    writeFileSync(join(directory, 'a.lease'), JSON.stringify(lease('a', 2, 7)));
    expect(await store.list()).toEqual([lease('a', 2, 7)]);
  });

  it('that are half new and half old are not taken for a lease', async () => {
    const path = join(directory, 'a.lease');
    await store.renew(lease('a', 1, 11));
    const before = readFileSync(path);
    await store.renew(lease('a', 1, 22));
    const after = readFileSync(path);
    const seen = new Set<number | undefined>();
    for (let cut = 0; cut <= after.length; cut += 1) {
      writeFileSync(path, Buffer.concat([after.subarray(0, cut), before.subarray(cut)]));
      seen.add((await store.list())[0]?.counter);
    }
    expect([...seen].sort()).toEqual([11, 22, undefined]);
  });

  it('left empty by a power cut are ignored and can be renewed', async () => {
    writeFileSync(join(directory, 'a.lease'), '');
    expect(await store.list()).toEqual([]);
    await store.renew(lease('a', 3));
    expect(await store.list()).toEqual([lease('a', 3)]);
  });

  it('ignore other files in the directory and leave no temporary files', async () => {
    writeFileSync(join(directory, 'a.lock'), 'not a lease');
    await store.renew(lease('a'));
    expect(await store.list()).toEqual([lease('a')]);
    expect(readdirSync(directory).sort()).toEqual(['a.lease', 'a.lock']);
  });

  it('keep the time of renewal by the clock of the node, if given', async () => {
    const renewedAt = '2026-03-04T05:06:07.089Z';
    await store.renew({ ...lease('a'), renewedAt });
    await store.renew(lease('b'));
    const seen = await store.list();
    expect(seen).toEqual(expect.arrayContaining([{ ...lease('a'), renewedAt }, lease('b')]));
  });

  it('with invalid content fail with the path of the file', async () => {
    writeFileSync(join(directory, 'a.lease'), '{"nodeId":7}');
    await expect(store.list()).rejects.toThrow(/a\.lease does not hold a lease/);
  });
});
