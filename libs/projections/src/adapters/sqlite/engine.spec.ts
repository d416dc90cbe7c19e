import { existsSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { InMemoryEventStore } from '../../../../../test/support/in-memory-event-store.ts';
import { sqliteTally, type SqliteTally } from '../../../../../test/support/sqlite-tally.ts';
import { POISON, tallied, tallyProjection } from '../../../../../test/support/tally-projection.ts';
import { until } from '../../../../../test/support/until.ts';
import { catchUp, CheckpointMovedError } from '../../catch-up.ts';
import { projectionOperations, type ProjectionOperations } from '../../projection-operations.ts';
import { ProjectionError } from '../../projection-error.ts';
import { ProjectionRunner } from '../../projection-runner.ts';
import { VersionStateError } from '../../projection-versions.ts';
import { rebuild } from '../../rebuild.ts';

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
  readonly projection: ProjectionOperations;
  readonly cured: { now: boolean };
  /** Appends to the tally of a stream. */
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
  const projection = projectionOperations(definition, tally.versions);
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
        retry: { baseMs: 1, capMs: 2 },
        standby: { baseMs: 1, capMs: 2 },
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
  it('ends at once for an empty log', async () => {
    const { projection, log } = world();
    await expect(projection.rebuild(log)).resolves.toEqual({ version: 2, events: 0 });
  });

  it('gives the same rows as the live version', async () => {
    const { projection, log, add, live } = world();
    await add('a', 1, 2);
    await add('b', 3);
    await live();
    await projection.rebuild(log);
    const { differences, liveHash, rebuiltHash, rows } = await projection.verify(log, 10);
    expect({ differences, rows }).toEqual({ differences: 0, rows: 2 });
    expect(liveHash).toBe(rebuiltHash);
  });

  it('is followed by a running runner of the previous live version', async () => {
    const { projection, log, add, live, reached, sums } = world();
    await add('a', 1);
    await live();
    await projection.rebuild(log);
    await add('a', 2);
    await reached();
    expect(await sums()).toEqual({ a: 3 });
    expect((await projection.status(log, new Date())).live.version).toBe(2);
  });

  it('includes events appended while it runs', async () => {
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

  it('stops at the first event that cannot be folded, names it, and does not switch', async () => {
    const { projection, log, add } = world();
    await add('a', 1);
    await add('b', 1, POISON, POISON);
    const failure = await projection.rebuild(log).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ProjectionError);
    expect(failure).toMatchObject({ event: { stream: 'b', revision: 1, type: 'Tallied' } });
    expect(String(failure)).toMatch(/b@1 \(position \d+\): thirteen is bad luck/);
    expect((await projection.status(log, new Date())).live.version).toBe(1);
  });

  it('resumes after an interruption', async () => {
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

  it('says so when another process has completed it first', async () => {
    const { tally, log, add, projection } = world();
    await add('a', 1);
    const { versions } = tally;
    const late = rebuild(tallyProjection(), log, {
      findOrCreateBuilding: () => versions.findOrCreateBuilding(),
      status: () => versions.status(),
      switchTo: async (version, catchUpToEnd) => {
        await projection.rebuild(log);
        await versions.switchTo(version, catchUpToEnd);
      },
    });
    await expect(late).rejects.toThrow(
      'Another process has ended the rebuild of tally: version 2 is live now',
    );
  });

  it('counts the events of the end in its progress', async () => {
    const { tally, log, add, projection } = world();
    await add('a', 1, 2, 3);
    const { versions } = tally;
    const counted: number[] = [];
    await rebuild(
      tallyProjection(),
      log,
      {
        findOrCreateBuilding: () => versions.findOrCreateBuilding(),
        status: () => versions.status(),
        switchTo: async (version, catchUpToEnd) => {
          await add('a', 4);
          await versions.switchTo(version, catchUpToEnd);
        },
      },
      { onProgress: ({ events }) => counted.push(events) },
    );
    expect(counted.at(-1)).toBe(4);
    expect((await projection.status(log, new Date())).live.version).toBe(2);
  });

  it('folds each event once when two processes work on the same version', async () => {
    const { tally, log, add, projection } = world();
    for (let index = 0; index < 50; index += 1) await add(`s${index % 5}`, 1);
    const other = tally.again();
    const results = await Promise.allSettled(
      [tally, other].map(async ({ versions }) => {
        const { store } = await versions.findOrCreateBuilding();
        return catchUp(tallyProjection(), log, store, { batchSize: 3, commitKeys: 2 });
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

describe('A verification', () => {
  it('reports different, missing and surplus rows', async () => {
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

  it('changes neither the live version nor its directory', async () => {
    const { projection, tally, log, add, live } = world();
    await add('a', 1);
    await live();
    const before = tally.versions.liveFile().checkpoint();
    await projection.verify(log, 10);
    expect(tally.versions.liveFile().checkpoint()).toEqual(before);
    expect((await projection.status(log, new Date())).versions).toHaveLength(1);
  });

  it('accepts a version that was never used as empty', async () => {
    const { projection, log, add } = world();
    await add('a', 1);
    expect(await projection.verify(log, 10)).toMatchObject({ position: null, rows: 0, events: 0 });
  });

  it('removes the files of a killed verification, not those of a running one', async () => {
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
  it('that was kept is brought up to date before it becomes live again', async () => {
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

  it('is dropped with its file, unless it is live', async () => {
    const { projection, tally, log, add } = world();
    await add('a', 1);
    await projection.rebuild(log);
    await projection.drop(1);
    expect(existsSync(tally.registry.pathOf('tally', 1))).toBe(false);
    await expect(projection.drop(2)).rejects.toBeInstanceOf(VersionStateError);
    await expect(projection.drop(1)).rejects.toBeInstanceOf(VersionStateError);
  });

  it('never gets the number of a dropped version', async () => {
    const { projection, log, add } = world();
    await add('a', 1);
    await projection.rebuild(log);
    await projection.switchTo(log, 1);
    await projection.drop(2);
    expect((await projection.rebuild(log)).version).toBe(3);
  });

  it('that is dropped during a switch to it does not become live', async () => {
    const { projection, tally, log, add } = world();
    await add('a', 1);
    await projection.rebuild(log);
    const switching = tally.versions.switchTo(1, async () => tally.registry.drop('tally', 1));
    await expect(switching).rejects.toBeInstanceOf(VersionStateError);
    expect(tally.registry.liveVersion('tally')).toBe(2);
  });

  it('that has become live cannot be dropped', async () => {
    const { projection, tally, log, add } = world();
    await add('a', 1);
    await projection.rebuild(log);
    expect(() => tally.registry.drop('tally', 2)).toThrow(VersionStateError);
    expect(existsSync(tally.registry.pathOf('tally', 2))).toBe(true);
  });
});

describe('A dead letter', () => {
  it('blocks only its own key', async () => {
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

  it('blocks events that look its key up, too', async () => {
    const { log, projection, add, live, reached, sums } = world();
    await live();
    await add('a', 1, POISON);
    await reached();
    await log.append('b', 'no_stream', [tallied({ amount: 1, from: 'a' })]);
    await reached();
    expect(await sums()).toEqual({ a: 1 });
    expect((await projection.deadLetters()).map(({ stream }) => stream)).toEqual(['a', 'b']);
  });

  it('that can be folded now gives the same rows by a retry as by a rebuild', async () => {
    const { projection, log, add, live, reached, cured } = world();
    await live();
    await add('a', 1, POISON, 2);
    await add('b', 5);
    await add('a', 3);
    await reached();
    cured.now = true;
    expect(await projection.retry(log)).toEqual({ folded: 3, remaining: 0 });
    expect((await projection.verify(log, 10)).differences).toBe(0);
  });

  it('stays a dead letter when a retry cannot fold it', async () => {
    const { projection, log, add, live, reached } = world();
    await live();
    await add('a', POISON);
    await reached();
    expect(await projection.retry(log)).toEqual({ folded: 0, remaining: 1 });
  });

  it('is never folded once skipped, not even by a rebuild', async () => {
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

  it('blocks its key after a restart until a retry, which a running runner notices', async () => {
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
  it('counts the lag in events and in seconds', async () => {
    const { projection, log, add } = world();
    await add('a', 1, 2, 3);
    const { lag } = await projection.status(log, new Date('2026-03-04T05:06:17.089Z'));
    expect(lag).toEqual({ events: 3, isTruncated: false, seconds: 10 });
  });

  it('is stuck only when it is behind and has not moved for ten seconds', async () => {
    const { projection, log, add, live } = world();
    await add('a', 1);
    await (await live()).stop();
    const later = new Date(Date.now() + 11_000);
    expect((await projection.status(log, later)).stuck).toBe(false);
    await add('a', 1);
    expect((await projection.status(log, later)).stuck).toBe(true);
    expect((await projection.status(log, new Date())).stuck).toBe(false);
  });

  it('shows why the projection is down until it recovers', async () => {
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

describe('A projection whose file has no room', () => {
  const limitPages = ({ tally }: World, pages: number): unknown =>
    tally.versions.liveFile().db.prepare(`PRAGMA max_page_count = ${pages}`).get();

  it('stops before the event without room, says why, and goes on when there is room', async () => {
    const w = world();
    await w.add('a', 1);
    await w.live();
    limitPages(w, 1); // SQLite takes the number of pages that the file has.
    const long = 's'.repeat(100_000);
    await w.add(long, 2);
    const why = await until('the projection to be down', async () => {
      return (await w.projection.status(w.log, new Date())).live.downReason ?? undefined;
    });
    expect(why).toContain('database or disk is full');
    expect(await w.sums()).toEqual({ a: 1 });
    limitPages(w, 1_000_000);
    await w.reached();
    expect(await w.sums()).toEqual({ a: 1, [long]: 2 });
    expect((await w.projection.status(w.log, new Date())).live.downReason).toBeNull();
  });
});
