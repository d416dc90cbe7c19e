import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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
