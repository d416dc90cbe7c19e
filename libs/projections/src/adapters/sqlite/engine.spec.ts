import { existsSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { InMemoryEventStore } from '../../../../../test/support/in-memory-event-store.ts';
import { sqliteTally, type SqliteTally } from '../../../../../test/support/sqlite-tally.ts';
import { POISON, tallied, tallyProjection } from '../../../../../test/support/tally-projection.ts';
import { catchUp, CheckpointMovedError } from '../../catch-up.ts';
import { manage, type ManagedProjection } from '../../managed-projection.ts';
import { ProjectionError } from '../../projection-error.ts';
import { ProjectionRunner } from '../../projection-runner.ts';
import { VersionStateError } from '../../projection-versions.ts';

interface Stoppable {
  stop(): Promise<void>;
}

const open: SqliteTally[] = [];
const runners: Stoppable[] = [];

afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.stop()));
  for (const tally of open.splice(0)) tally.close();
});

interface World {
  readonly log: InMemoryEventStore;
  readonly tally: SqliteTally;
  readonly projection: ManagedProjection;
  readonly cured: { now: boolean };
  /** Adds to the tally of a stream. */
  readonly add: (stream: string, ...amounts: readonly number[]) => Promise<void>;
  /** Starts a live runner, and settles once it has reached the end of the log. */
  readonly live: () => Promise<Stoppable>;
  readonly reached: () => Promise<void>;
  readonly sums: () => Promise<Record<string, number>>;
}

function world(): World {
  const log = new InMemoryEventStore();
  const tally = sqliteTally(log.epoch);
  open.push(tally);
  const cured = { now: false };
  const definition = tallyProjection(cured);
  const projection = manage(definition, tally.versions);
  const revisions = new Map<string, number>();
  const reached = async (): Promise<void> => {
    const head = await log.head();
    while ((tally.versions.liveFile().checkpoint().position ?? '') < (head ?? '')) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return {
    log,
    tally,
    projection,
    cured,
    reached,
    add: async (stream, ...amounts) => {
      for (const amount of amounts) {
        const next = (revisions.get(stream) ?? -1) + 1;
        await log.append(stream, next === 0 ? 'no_stream' : next - 1, [tallied({ amount })]);
        revisions.set(stream, next);
      }
    },
    live: async () => {
      const runner = new ProjectionRunner(definition, log, tally.versions.live(), {
        retry: { attempts: Infinity, baseMs: 1, capMs: 2 },
        standby: { attempts: Infinity, baseMs: 1, capMs: 2 },
      });
      runners.push(runner);
      runner.start();
      await reached();
      return runner;
    },
    sums: async () => {
      const rows = tally.versions.live();
      await rows.checkpoint();
      const states = await rows.load([...revisions.keys()]);
      return Object.fromEntries([...states].map(([key, { sum }]) => [key, sum]));
    },
  };
}

describe('A rebuild', () => {
  it('ends at once where there are no events', async () => {
    const { projection, log } = world();
    await expect(projection.rebuild(log)).resolves.toEqual({ version: 2, events: 0 });
  });

  it('gives what the live version has, bit by bit', async () => {
    const { projection, log, add, live } = world();
    await add('a', 1, 2);
    await add('b', 3);
    await live();
    await projection.rebuild(log);
    const { differences, liveHash, rebuiltHash, rows } = await projection.verify(log, 10);
    expect({ differences, rows }).toEqual({ differences: 0, rows: 2 });
    expect(liveHash).toBe(rebuiltHash);
  });

  it('is followed by a running owner of the version that was live', async () => {
    const { projection, log, add, live, reached, sums } = world();
    await add('a', 1);
    await live();
    await projection.rebuild(log);
    await add('a', 2);
    await reached();
    expect(await sums()).toEqual({ a: 3 });
    expect((await projection.status(log, new Date())).live.version).toBe(2);
  });

  it('loses nothing of what is appended while it runs', async () => {
    const { projection, log, add, live, reached, sums } = world();
    await add('a', ...Array.from({ length: 200 }, () => 1));
    await live();
    const appending = (async () => {
      for (let index = 0; index < 100; index += 1) await add('a', 1);
    })();
    await Promise.all([projection.rebuild(log, { batchSize: 20, commitKeys: 1 }), appending]);
    await reached();
    expect(await sums()).toEqual({ a: 300 });
    expect((await projection.verify(log, 10)).differences).toBe(0);
  });

  it('stops at the first event that cannot be folded, names it, and switches nothing', async () => {
    const { projection, log, add } = world();
    await add('a', 1);
    await add('b', 1, POISON, POISON);
    const failure = await projection.rebuild(log).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ProjectionError);
    expect(failure).toMatchObject({ event: { stream: 'b', revision: 1, type: 'Tallied' } });
    expect(String(failure)).toMatch(/b@1 \(position \d+\): thirteen is bad luck/);
    expect((await projection.status(log, new Date())).live.version).toBe(1);
  });

  it('goes on where it was interrupted', async () => {
    const { projection, log, add } = world();
    for (let index = 0; index < 10; index += 1) await add(`s${index}`, 1);
    const abort = new AbortController();
    const interrupted = projection.rebuild(log, {
      batchSize: 1,
      commitKeys: 1,
      signal: abort.signal,
      onProgress: ({ events }) => {
        if (events === 4) abort.abort();
      },
    });
    await expect(interrupted).rejects.toThrow();
    const { events } = await projection.rebuild(log);
    expect(events).toBeLessThanOrEqual(7);
    expect((await projection.verify(log, 10)).differences).toBe(0);
  });

  it('does not count an event twice where two work on the same version', async () => {
    const { tally, log, add, projection } = world();
    for (let index = 0; index < 50; index += 1) await add(`s${index % 5}`, 1);
    const other = tally.again();
    const results = await Promise.allSettled(
      [tally, other].map(async ({ versions }) => {
        const { rows } = await versions.building();
        return catchUp(tallyProjection(), log, rows, { batchSize: 3, commitKeys: 2 });
      }),
    );
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(CheckpointMovedError);
    }
    other.versions.close();
    other.registry.close();
    await projection.rebuild(log);
    expect((await projection.verify(log, 10)).differences).toBe(0);
  });
});

describe('Verifying', () => {
  it('finds rows that are different, missing and surplus, and says how', async () => {
    const { projection, tally, log, add, live } = world();
    await add('a', 1);
    await add('b', 2);
    await (await live()).stop();
    const { db } = tally.versions.liveFile();
    db.exec(`
      UPDATE tallies SET tally = '{}' WHERE key = 'a';
      DELETE FROM tallies WHERE key = 'b';
      INSERT INTO tallies VALUES ('c', '{}');
    `);
    const { differences, shown, liveHash, rebuiltHash } = await projection.verify(log, 10);
    expect(differences).toBe(3);
    expect(liveHash).not.toBe(rebuiltHash);
    expect(shown.map(({ key, kind }) => [key, kind])).toEqual([
      ['a', 'different'],
      ['b', 'missing'],
      ['c', 'surplus'],
    ]);
    expect(shown[0]?.columns[0]).toMatchObject({ column: 'tally', live: '{}' });
  });

  it('leaves the live version and its directory as they were', async () => {
    const { projection, tally, log, add, live } = world();
    await add('a', 1);
    await live();
    const before = tally.versions.liveFile().checkpoint();
    await projection.verify(log, 10);
    expect(tally.versions.liveFile().checkpoint()).toEqual(before);
    expect((await projection.status(log, new Date())).versions).toHaveLength(1);
  });

  it('finds a version that nobody has used yet empty, as it is', async () => {
    const { projection, log, add } = world();
    await add('a', 1);
    expect(await projection.verify(log, 10)).toMatchObject({ position: null, rows: 0, events: 0 });
  });

  it('removes what a verification left that was killed, and nothing of one that runs', async () => {
    const { projection, tally, log, add } = world();
    await add('a', 1);
    const live = tally.registry.pathOf('tally', 1);
    const abandoned = `${live}.verify-999999999-0123abcd`;
    const inUse = `${live}.verify-${process.pid}-0123abcd`;
    for (const file of [abandoned, `${abandoned}-wal`, inUse]) writeFileSync(file, '');
    await projection.verify(log, 10);
    expect([abandoned, `${abandoned}-wal`, inUse].map((file) => existsSync(file))).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe('A version', () => {
  it('that was kept is brought up to date before it is live again', async () => {
    const { projection, log, add, live, reached, sums } = world();
    await add('a', 1);
    await live();
    await projection.rebuild(log);
    await add('a', 2);
    await reached();
    await projection.switchTo(log, 1);
    expect(await sums()).toEqual({ a: 3 });
    const { versions } = await projection.status(log, new Date());
    expect(versions.map(({ version, state }) => [version, state])).toEqual([
      [1, 'live'],
      [2, 'kept'],
    ]);
  });

  it('that is dropped is gone with its file; the live one cannot be dropped', async () => {
    const { projection, tally, log, add } = world();
    await add('a', 1);
    await projection.rebuild(log);
    await projection.drop(1);
    expect(existsSync(tally.registry.pathOf('tally', 1))).toBe(false);
    await expect(projection.drop(2)).rejects.toBeInstanceOf(VersionStateError);
    await expect(projection.drop(1)).rejects.toBeInstanceOf(VersionStateError);
  });

  it('never gets the number of one that was dropped, whose file others may have open', async () => {
    const { projection, log, add } = world();
    await add('a', 1);
    await projection.rebuild(log);
    await projection.switchTo(log, 1);
    await projection.drop(2);
    expect((await projection.rebuild(log)).version).toBe(3);
  });

  it('that is dropped while it is being switched to leaves the live one live', async () => {
    const { projection, tally, log, add } = world();
    await add('a', 1);
    await projection.rebuild(log);
    const switching = tally.versions.switchTo(1, async () => tally.registry.drop('tally', 1));
    await expect(switching).rejects.toBeInstanceOf(VersionStateError);
    expect(tally.registry.liveVersion('tally')).toBe(2);
  });

  it('that is live by now keeps its file, although it was to be dropped', async () => {
    const { projection, tally, log, add } = world();
    await add('a', 1);
    await projection.rebuild(log);
    expect(() => tally.registry.drop('tally', 2)).toThrow(VersionStateError);
    expect(existsSync(tally.registry.pathOf('tally', 2))).toBe(true);
  });
});

describe('An event that cannot be folded live', () => {
  it('holds back its own key only', async () => {
    const { projection, add, live, reached, sums } = world();
    await live();
    await add('a', 1, POISON, 2);
    await add('b', 5);
    await reached();
    expect(await sums()).toEqual({ a: 1, b: 5 });
    const held = await projection.deadLetters();
    expect(held.map(({ stream, revision, error }) => [stream, revision, error === null])).toEqual([
      ['a', 1, false],
      ['a', 2, true],
    ]);
  });

  it('holds back what would have looked its key up, too', async () => {
    const { log, projection, add, live, reached, sums } = world();
    await live();
    await add('a', 1, POISON);
    await reached();
    await log.append('b', 'no_stream', [tallied({ amount: 1, from: 'a' })]);
    await reached();
    expect(await sums()).toEqual({ a: 1 });
    expect((await projection.deadLetters()).map(({ stream }) => stream)).toEqual(['a', 'b']);
  });

  it('once it can be, gives by a retry what a rebuild gives', async () => {
    const { projection, log, add, live, reached, cured } = world();
    await live();
    await add('a', 1, POISON, 2);
    await add('b', 5);
    await add('a', 3);
    await reached();
    cured.now = true;
    expect(await projection.retry(log)).toEqual({ folded: 3, held: 0 });
    expect((await projection.verify(log, 10)).differences).toBe(0);
  });

  it('is left aside by a retry while it still cannot be', async () => {
    const { projection, log, add, live, reached } = world();
    await live();
    await add('a', POISON);
    await reached();
    expect(await projection.retry(log)).toEqual({ folded: 0, held: 1 });
  });

  it('is passed over for good once skipped, by rebuilds as well', async () => {
    const { projection, log, add, live, reached, sums } = world();
    await live();
    await add('a', 1, POISON, 2);
    await reached();
    const released = await projection.skip(log, { stream: 'a', revision: 1 });
    expect(released.remaining).toBe(0);
    expect(await sums()).toEqual({ a: 3 });
    await projection.rebuild(log);
    expect(await sums()).toEqual({ a: 3 });
  });

  it('keeps holding its key after a restart, and a running owner learns of a retry', async () => {
    const { projection, log, add, live, reached, sums, cured } = world();
    await (await live()).stop();
    await add('a', POISON, 1);
    await (await live()).stop();
    await live();
    await add('a', 2);
    await reached();
    expect(await sums()).toEqual({});
    cured.now = true;
    await projection.retry(log);
    await add('a', 4);
    await reached();
    expect(await sums()).toEqual({ a: POISON + 7 });
  });
});

describe('The status of a projection', () => {
  it('counts what it is behind in events and in seconds', async () => {
    const { projection, log, add } = world();
    await add('a', 1, 2, 3);
    const { lag } = await projection.status(log, new Date('2026-03-04T05:06:17.089Z'));
    expect(lag).toEqual({ events: 3, more: false, seconds: 10 });
  });

  it('says that it stands still only when it is behind and has not moved for ten seconds', async () => {
    const { projection, log, add, live } = world();
    await add('a', 1);
    await (await live()).stop();
    const later = new Date(Date.now() + 11_000);
    expect((await projection.status(log, later)).stuck).toBe(false);
    await add('a', 1);
    expect((await projection.status(log, later)).stuck).toBe(true);
    expect((await projection.status(log, new Date())).stuck).toBe(false);
  });

  it('shows why the projection is down until it is up again', async () => {
    const { projection, log, add, tally } = world();
    await add('a', 1);
    const rows = tally.versions.live();
    await rows.checkpoint();
    await rows.reportDown('the disk is full');
    const down = (await projection.status(log, new Date())).live;
    expect(down).toMatchObject({ downReason: 'the disk is full', downSince: expect.any(String) });
    await catchUp(tallyProjection(), log, rows);
    expect((await projection.status(log, new Date())).live.downReason).toBeNull();
  });
});
