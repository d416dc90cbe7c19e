import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EventStore, RecordedEvent } from '#event-store';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { foldBatch, ProjectionRunner, START, type RunnerStatus } from '#projections';
import { usersProjection, type UsersState } from '#read-model';
import { openSqliteReadModel } from '#read-model/adapters/sqlite/index';
import { anyHistory, ActionRunner, type Step } from '../../support/random-history.ts';

const SCRIPT = fileURLToPath(new URL('../../fixtures/projector.ts', import.meta.url));

type Child = ChildProcessByStdio<null, Readable, null>;

let directory: string;
let log: EventStore;
let actions: ActionRunner;
const children = new Set<Child>();

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'projection-'));
  log = await openSqliteEventStore({ path: join(directory, 'events.db') });
  actions = new ActionRunner(log);
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  await log.close();
  await rm(directory, { recursive: true });
});

function start(mode: string, rows: string, ...more: readonly string[]): Child {
  const paths = [join(directory, 'events.db'), join(directory, rows)];
  const child = spawn(
    process.execPath,
    [
      '--conditions=source',
      '--disable-warning=ExperimentalWarning',
      SCRIPT,
      mode,
      ...paths,
      ...more,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } },
  );
  children.add(child);
  return child;
}

/** A long history that depends only on the seed. */
function longHistory(seed: number): readonly Step[] {
  const histories = fc.sample(anyHistory(60), { numRuns: 20, seed });
  return histories.reduce((longest, next) => (next.length > longest.length ? next : longest));
}

async function perform(steps: readonly Step[]): Promise<void> {
  for (const step of steps) await actions.run(step);
}

/** Projects the log into a new file without an interruption. */
async function rebuild(rows: string): Promise<void> {
  const model = openSqliteReadModel(join(directory, rows), log.epoch);
  const head = await log.head();
  const arrived = Promise.withResolvers<undefined>();
  const runner = new ProjectionRunner(usersProjection, log, model.usersVersions.live(), {
    onStatus: ({ position }) => {
      if (position === head) arrived.resolve(undefined);
    },
  });
  runner.start();
  await arrived.promise;
  await runner.stop();
  model.close();
}

/** All rows of a read model and its checkpoint. */
function allRows(file: string): Record<string, unknown> {
  const db = new DatabaseSync(`${join(directory, file)}.users@v1`, { readOnly: true });
  const tables = ['services', 'users', 'connections', 'bindings', 'nodes', 'held_events'];
  const rows = Object.fromEntries(
    tables.map((table) => [table, db.prepare(`SELECT * FROM ${table}`).all()]),
  );
  const checkpoint = db.prepare('SELECT position, effective_at, generation FROM checkpoint').all();
  db.close();
  return { ...rows, checkpoint };
}

describe('A projection', () => {
  it('gives the same rows if it dies before every step as without a crash', async () => {
    await perform(longHistory(1).slice(0, 25));
    const deaths = new Set<string>();
    for (let died = 0, done = false; !done; died += 1) {
      const child = start('die', 'rows.db', String(died + 1));
      const exit = once(child, 'exit');
      const diedBefore = await text(child.stdout);
      done = diedBefore === '';
      expect(await exit).toEqual(done ? [0, null] : [null, 'SIGKILL']);
      if (!done) deaths.add(diedBefore);
    }
    expect([...deaths].sort()).toEqual([
      'after checkpoint',
      'after commit',
      'after load',
      'before checkpoint',
      'before commit',
      'before load',
      'message',
      'within the transaction',
    ]);
    await rebuild('rebuilt.db');
    expect(allRows('rows.db')).toEqual(allRows('rebuilt.db'));
    expect(allRows('rows.db')['users']).not.toEqual([]);
  }, 120_000);

  it('is taken over by the second of two processes when the first is killed', async () => {
    const steps = longHistory(2);
    const third = Math.floor(steps.length / 3);
    await perform(steps.slice(0, third));
    const followers = [0, 1].map(() => new Follower(start('follow', 'rows.db')));
    await Promise.all(
      followers.map((follower) =>
        follower.until(({ state }) => state === 'live' || state === 'standby'),
      ),
    );

    await perform(steps.slice(third, 2 * third));
    const head = await log.head();
    const there = followers.map((follower) =>
      follower.until(({ state, position }) => state === 'live' && position === head),
    );
    const first = await Promise.race(there.map((arrival, index) => arrival.then(() => index)));
    followers[first]!.kill();

    await perform(steps.slice(2 * third));
    const end = await log.head();
    await followers[1 - first]!.until(({ position }) => position === end);
    followers[1 - first]!.kill();
    await rebuild('rebuilt.db');
    expect(allRows('rows.db')).toEqual(allRows('rebuilt.db'));
  });

  it('never shows rows of another position than its checkpoint', async () => {
    const model = openSqliteReadModel(join(directory, 'rows.db'), log.epoch);
    const follower = new Follower(start('follow', 'rows.db'));
    await follower.until(({ state }) => state === 'live');
    const progress = { isRunning: true };
    const performed = perform(longHistory(4)).finally(() => (progress.isRunning = false));
    const seen = new Map<string | null, ReadonlyMap<string, UsersState>>();
    for (
      let position: string | null = null;
      progress.isRunning || position !== (await log.head());
    ) {
      const keys = (await Array.fromAsync(log.readAll())).map(({ stream }) => stream);
      const { checkpoint, states } = await model.users.loadStates(keys);
      position = checkpoint.position;
      seen.set(position, states);
      await nextTurn();
    }
    await performed;
    expect(seen.size).toBeGreaterThan(5);
    const events = await Array.fromAsync(log.readAll());
    for (const [position, states] of seen) {
      expect(states).toEqual(await statesAt(events, position));
    }
    follower.kill();
    model.close();
  });

  it('is created by several processes at the same time', async () => {
    await perform(longHistory(3).slice(0, 10));
    const exits = [1, 2, 3].map(async () => once(start('die', 'rows.db'), 'exit'));
    expect(await Promise.all(exits)).toEqual([1, 2, 3].map(() => [0, null]));
    await rebuild('rebuilt.db');
    expect(allRows('rows.db')).toEqual(allRows('rebuilt.db'));
  });
});

/** States after folding the log up to a position at once. */
async function statesAt(
  events: readonly RecordedEvent[],
  position: string | null,
): Promise<ReadonlyMap<string, UsersState>> {
  const before = events.filter((event) => event.position <= (position ?? ''));
  const nothing = () => Promise.resolve(new Map<string, UsersState>());
  const { changes } = await foldBatch(usersProjection, nothing, before, START);
  const states = new Map<string, UsersState>();
  for (const [key, state] of changes) if (state !== null) states.set(key, state);
  return states;
}

/** Status of a process that follows the log. */
class Follower {
  readonly #child: Child;
  readonly #statuses: AsyncIterator<string, void>;
  #status: RunnerStatus = { state: 'stopped', position: null, error: null };

  constructor(child: Child) {
    this.#child = child;
    this.#statuses = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  async until(condition: (status: RunnerStatus) => boolean): Promise<void> {
    while (!condition(this.#status)) {
      const line = await this.#statuses.next();
      if (line.done === true) throw new Error('The process ended');
      this.#status = JSON.parse(line.value) as RunnerStatus;
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
