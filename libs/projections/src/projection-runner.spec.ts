import { afterEach, describe, expect, it } from '@jest/globals';
import type { EventStore, SubscribeOptions, SubscriptionMessage } from '#event-store';
import { InMemoryEventStore } from '../../../test/support/in-memory-event-store.ts';
import { InMemoryProjectionStore } from '../../../test/support/in-memory-projection-store.ts';
import {
  POISON,
  tallied,
  tallyProjection,
  type Tallied,
  type Tally,
} from '../../../test/support/tally-projection.ts';
import { until } from '../../../test/support/until.ts';
import { START, type ProjectionStore } from './projection-store.ts';
import { ProjectionRunner, type RunnerOptions, type RunnerStatus } from './projection-runner.ts';

const AT_ONCE = { baseMs: 0, capMs: 0 };
const NOT_TODAY = { baseMs: 1e9, capMs: 1e9 };

const started = new Set<Worker>();

/** A runner with every status it reported. */
class Worker {
  readonly statuses: RunnerStatus[] = [];
  readonly #runner: ProjectionRunner<Tally, Tallied>;
  readonly #waiting = new Set<() => void>();

  constructor(
    log: EventStore,
    rows: ProjectionStore<Tally>,
    options: RunnerOptions & { readonly projection?: ReturnType<typeof tallyProjection> } = {},
  ) {
    const { projection = tallyProjection(), ...others } = options;
    this.#runner = new ProjectionRunner(projection, log, rows, {
      retry: AT_ONCE,
      standby: AT_ONCE,
      ...others,
      onStatus: (status) => {
        this.statuses.push(status);
        for (const look of this.#waiting) look();
      },
    });
    this.#runner.start();
    started.add(this);
  }

  get status(): RunnerStatus {
    return this.#runner.status;
  }

  /** Waits until a status satisfies the condition. */
  until(condition: (status: RunnerStatus) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition(this.status)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Waits until the runner's position reaches the current end of the log. */
  async untilLiveAt(log: EventStore): Promise<void> {
    const head = await log.head();
    await this.until(({ state, position }) => state === 'live' && position === head);
  }

  stop(): Promise<void> {
    return this.#runner.stop();
  }
}

/** A store that passes its subscriptions through `change` and records where each began. */
function subscribedThrough(
  store: InMemoryEventStore,
  change: (messages: AsyncIterable<SubscriptionMessage>) => AsyncIterable<SubscriptionMessage>,
): string[] {
  const from: string[] = [];
  const subscribe = store.subscribe.bind(store);
  store.subscribe = (options?: SubscribeOptions): AsyncGenerator<SubscriptionMessage> => {
    from.push(options?.after ?? 'the beginning');
    const changed = change(subscribe(options));
    return (async function* () {
      yield* changed;
    })();
  };
  return from;
}

async function append(log: EventStore, stream: string, ...amounts: number[]): Promise<void> {
  const { length } = await Array.fromAsync(log.readStream(stream));
  const events = amounts.map((amount) => tallied({ amount }));
  await log.append(stream, length === 0 ? 'no_stream' : length - 1, events);
}

const range = (length: number): number[] => Array.from({ length }, (_, index) => index);
const sumOf = (rows: InMemoryProjectionStore<Tally>, key: string): number | undefined =>
  rows.states.get(key)?.sum;

afterEach(async () => {
  await Promise.all([...started].map((worker) => worker.stop()));
  started.clear();
});

describe('A runner', () => {
  it('catches up, then follows new events', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    await append(log, 'a', 1, 2);
    const worker = new Worker(log, rows);
    await worker.untilLiveAt(log);
    expect(worker.statuses[0]).toEqual({ state: 'catchingUp', position: null, error: null });
    expect(sumOf(rows, 'a')).toBe(3);
    await append(log, 'a', 4);
    await append(log, 'b', 1);
    await worker.untilLiveAt(log);
    expect([sumOf(rows, 'a'), sumOf(rows, 'b')]).toEqual([7, 1]);
  });

  it('keeps the id of the last event with its position', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    await append(log, 'a', 1, 2);
    await new Worker(log, rows).untilLiveAt(log);
    const { id, position } = log.log[1]!;
    expect((await rows.checkpoint()).lastEvent).toEqual({ id, position });
  });

  it('stays down, and folds nothing, where the log lacks its last event', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    await append(log, 'a', 1, 2);
    const worker = new Worker(log, rows);
    await worker.untilLiveAt(log);
    log.goBackTo(log.log[0]!.position);
    await append(log, 'b', 1, 1, 1);
    await worker.until(({ state }) => state === 'down');
    await worker.until(({ error }) => /The log was restored/.test(error ?? ''));
    expect(worker.status.error).toMatch(/projection tally has seen event/);
    expect([sumOf(rows, 'a'), sumOf(rows, 'b')]).toEqual([3, undefined]);
  });

  it('learns the id of its last event where an earlier version did not keep it', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    await append(log, 'a', 1);
    const { id, position } = log.log[0]!;
    await rows.commit(START, { ...START, position }, new Map());
    await new Worker(log, rows).until(({ state }) => state === 'live');
    expect((await rows.checkpoint()).lastEvent).toEqual({ id, position });
  });

  it('is live on an empty log', async () => {
    const worker = new Worker(new InMemoryEventStore(), new InMemoryProjectionStore());
    await worker.until(({ state }) => state === 'live');
    expect(worker.status).toEqual({ state: 'live', position: null, error: null });
  });

  it('folds a backlog in batches of at most the given size, each in one commit', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    await append(log, 'a', ...range(25).map(() => 1));
    const worker = new Worker(log, rows, { batchSize: 10 });
    await worker.untilLiveAt(log);
    expect(rows.commits.map(({ changes }) => changes.get('a')?.sum)).toEqual([10, 20, 25]);
    expect(rows.loads.flat()).toEqual(['a']);
  });

  it('loads a state again once another process has moved the checkpoint', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    await append(log, 'a', 1);
    const worker = new Worker(log, rows);
    await worker.untilLiveAt(log);
    const before = await rows.checkpoint();
    const next = { ...before, generation: before.generation + 1 };
    await rows.commit(before, next, new Map([['a', { ...rows.states.get('a')!, sum: 100 }]]));
    await append(log, 'a', 1);
    await worker.untilLiveAt(log);
    expect(sumOf(rows, 'a')).toBe(101);
    expect(rows.lostCommits).toBe(1);
  });

  it('writes again what the store has lost, although the log is quiet', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    await append(log, 'a', 1);
    const worker = new Worker(log, rows, { confirmAfterMs: 1 });
    await worker.untilLiveAt(log);
    const before = await rows.checkpoint();
    await append(log, 'a', 2);
    await worker.untilLiveAt(log);
    const lost = await rows.checkpoint();
    await rows.commit(lost, before, new Map([['a', { ...rows.states.get('a')!, sum: 1 }]]));
    await worker.until(({ state }) => state === 'standby');
    await worker.untilLiveAt(log);
    expect(sumOf(rows, 'a')).toBe(3);
    expect(await rows.checkpoint()).toEqual(lost);
  });

  it('gives each event that cannot be folded all its attempts', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    const worker = new Worker(log, rows, { poisonAttempts: 2 });
    for (const stream of ['a', 'b']) {
      const downs = rows.downs.length;
      await append(log, stream, POISON);
      await worker.untilLiveAt(log);
      expect(rows.downs.slice(downs)).toHaveLength(2);
    }
    expect(rows.held.map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('continues from the committed checkpoint after a restart, folding nothing twice', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    await append(log, 'a', 1, 2);
    const first = new Worker(log, rows);
    await first.untilLiveAt(log);
    await first.stop();
    await append(log, 'a', 4);
    const from = subscribedThrough(log, (messages) => messages);
    const { position } = await rows.checkpoint();
    const second = new Worker(log, rows);
    await second.untilLiveAt(log);
    expect(from).toEqual([position]);
    expect(rows.states.get('a')).toMatchObject({ sum: 7, revisions: [0, 1, 2] });
  });

  it('keeps the effective time of the log across a restart', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    const late = '2026-03-04T12:00:00.000Z';
    await log.append('a', 'no_stream', [tallied({ amount: 1 }, late)]);
    const first = new Worker(log, rows);
    await first.untilLiveAt(log);
    await first.stop();
    await log.append('b', 'no_stream', [tallied({ amount: 1 }, '2026-03-04T11:00:00.000Z')]);
    const second = new Worker(log, rows);
    await second.untilLiveAt(log);
    expect(rows.states.get('b')?.effectiveAt).toBe(late);
  });

  it('moves the checkpoint past positions that the subscription has filtered out', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    const subscribe = log.subscribe.bind(log);
    log.subscribe = (options) => subscribe({ ...options, types: ['Tallied'] });
    await append(log, 'a', 1);
    await log.append('other', 'no_stream', [{ ...tallied({ amount: 1 }), type: 'Unknown' }]);
    const worker = new Worker(log, rows);
    await worker.untilLiveAt(log);
    expect((await rows.checkpoint()).position).toBe(await log.head());
    expect([...rows.states.keys()]).toEqual(['a']);
  });

  it('commits nothing when the position has not moved', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    await append(log, 'a', 1);
    await new Worker(log, rows).untilLiveAt(log);
    const another = new Worker(log, rows);
    await another.untilLiveAt(log);
    expect(rows.commits).toHaveLength(1);
  });
});

describe('Runners on the same rows', () => {
  it('let each event take effect once, no matter which of them commits it', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    const workers = range(3).map(() => new Worker(log, rows, { batchSize: 4 }));
    for (const _ of range(30)) await append(log, 'a', 1, 1);
    const head = await log.head();
    await Promise.all(workers.map((worker) => worker.until(({ position }) => position === head)));
    expect(rows.states.get('a')).toMatchObject({ sum: 60, revisions: range(60) });
    expect(rows.lostCommits).toBeGreaterThan(0);
  });

  it('stand by when another has moved the checkpoint, and take over when it stops', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    const first = new Worker(log, rows);
    await first.untilLiveAt(log);
    const otherCommitted = Promise.withResolvers<undefined>();
    const second = new Worker(log, rows);
    await second.untilLiveAt(log);
    // The first commit waits until the other runner has committed, and so fails.
    let asked = 0;
    rows.beforeCommit = async () => {
      asked += 1;
      if (asked === 1) await otherCommitted.promise;
      else otherCommitted.resolve(undefined);
    };
    await append(log, 'a', 1);
    const standsBy = ({ statuses }: Worker): boolean =>
      statuses.some(({ state }) => state === 'standby');
    await Promise.race([first, second].map((worker) => worker.until(() => standsBy(worker))));
    expect(rows.lostCommits).toBe(1);
    const [loser, winner] = standsBy(first) ? [first, second] : [second, first];
    await winner.stop();
    await append(log, 'a', 2);
    await loser.untilLiveAt(log);
    expect(rows.states.get('a')).toMatchObject({ sum: 3, revisions: [0, 1] });
  });
});

describe('A runner whose commit takes long', () => {
  const log = () => new InMemoryEventStore();
  /** A store whose first commit waits until the test settles it. */
  function withSlowCommit() {
    const rows = new InMemoryProjectionStore<Tally>();
    const begun = Promise.withResolvers<undefined>();
    const settled = Promise.withResolvers<undefined>();
    let commits = 0;
    rows.beforeCommit = () => {
      commits += 1;
      if (commits > 1) return undefined;
      begun.resolve(undefined);
      return settled.promise;
    };
    return { rows, begun: begun.promise, ...settled };
  }
  const untilLoaded = (rows: InMemoryProjectionStore<Tally>, key: string): Promise<true> =>
    until(`${key} to be loaded`, () => rows.loads.flat().includes(key) || undefined);

  it('folds the next batch meanwhile, on the states that the commit writes', async () => {
    const events = log();
    const { rows, begun, resolve } = withSlowCommit();
    await append(events, 'a', 1);
    await append(events, 'b', 1);
    await append(events, 'a', 2);
    const worker = new Worker(events, rows, { batchSize: 1 });
    await begun;
    await untilLoaded(rows, 'b');
    expect(rows.commits).toEqual([]);
    expect(worker.status.position).toBeNull();
    resolve(undefined);
    await worker.untilLiveAt(events);
    expect([sumOf(rows, 'a'), sumOf(rows, 'b')]).toEqual([3, 1]);
    expect(rows.loads.flat()).toEqual(['a', 'b']);
  });

  it('drops what it has folded when another runner has moved the checkpoint', async () => {
    const events = log();
    const { rows, begun, resolve } = withSlowCommit();
    await append(events, 'a', 1);
    await append(events, 'a', 2);
    const worker = new Worker(events, rows, { batchSize: 1 });
    await begun;
    const other = new Worker(events, rows);
    await other.untilLiveAt(events);
    await other.stop();
    resolve(undefined);
    await worker.until(({ state }) => state === 'standby');
    await append(events, 'a', 4);
    await worker.untilLiveAt(events);
    expect(rows.lostCommits).toBe(1);
    expect(rows.states.get('a')).toMatchObject({ sum: 7, revisions: [0, 1, 2] });
  });

  it('stands by when another runner has moved the checkpoint, although no message comes', async () => {
    const events = log();
    const { rows, begun, resolve } = withSlowCommit();
    await append(events, 'a', 1);
    const worker = new Worker(events, rows);
    await begun;
    const other = new Worker(events, rows);
    await other.untilLiveAt(events);
    resolve(undefined);
    await worker.until(({ state }) => state === 'standby');
    expect(rows.states.get('a')).toMatchObject({ sum: 1, revisions: [0] });
  });

  it('is down for the reason of the commit, and counts no attempt at the event after it', async () => {
    const events = log();
    const { rows, begun, reject } = withSlowCommit();
    await append(events, 'a', 1);
    await append(events, 'b', POISON);
    const worker = new Worker(events, rows, { batchSize: 1, poisonAttempts: 2 });
    await begun;
    await untilLoaded(rows, 'b');
    reject(new Error('out of reach'));
    await worker.untilLiveAt(events);
    expect(rows.downs[0]).toBe('out of reach');
    expect(rows.downs.slice(1)).toHaveLength(2);
    expect(rows.held.map(({ key }) => key)).toEqual(['b']);
    expect(sumOf(rows, 'a')).toBe(1);
  });

  it('stops once that is done', async () => {
    const events = log();
    const { rows, begun, resolve } = withSlowCommit();
    await append(events, 'a', 1);
    const worker = new Worker(events, rows);
    await begun;
    const stopped = worker.stop();
    resolve(undefined);
    await stopped;
    expect(worker.status).toMatchObject({ state: 'stopped', position: await events.head() });
    expect(sumOf(rows, 'a')).toBe(1);
  });
});

describe('A runner on standby', () => {
  it('only looks at the checkpoint while another moves it or is at the end, and takes over when it stops', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    await append(log, 'a', 1, 1, 1);
    const from = subscribedThrough(log, (messages) => messages);
    let looks = 0;
    const ofAnother: ProjectionStore<Tally> = {
      ...withLateCommits(rows),
      checkpoint: async () => {
        looks += 1;
        if (looks === 10) await append(log, 'a', 1);
        const position = log.log[Math.min(looks, 3) - 1]?.position ?? null;
        return { ...START, position };
      },
      commit: async () => looks > 10,
    };
    const worker = new Worker(log, ofAnother);
    await worker.until(({ state }) => state === 'live');
    expect(from).toEqual([log.log[0]?.position, log.log[2]?.position]);
    const standby = worker.statuses.filter(({ state }) => state === 'standby');
    expect(new Set(standby.map(({ position }) => position))).toEqual(
      new Set([log.log[1]?.position, log.log[2]?.position]),
    );
  });
});

describe('A runner that cannot go on', () => {
  it('is down with the reason, commits nothing of the batch, and retries until the event can be folded', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    const cured = { now: false };
    await append(log, 'a', 1);
    const worker = new Worker(log, rows, { projection: tallyProjection(cured) });
    await worker.untilLiveAt(log);
    const { position } = worker.status;
    await append(log, 'a', POISON);
    await worker.until(({ state }) => state === 'down');
    expect(worker.status).toMatchObject({ state: 'down', position });
    expect(worker.status.error).toMatch(
      /^tally cannot fold Tallied at a@1 .*: thirteen is bad luck$/,
    );
    expect(sumOf(rows, 'a')).toBe(1);
    cured.now = true;
    await worker.untilLiveAt(log);
    expect(worker.status.error).toBeNull();
    expect(rows.states.get('a')).toMatchObject({ sum: 14, revisions: [0, 1] });
  });

  it('retries a failed commit', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    let failures = 2;
    rows.beforeCommit = () => {
      failures -= 1;
      if (failures >= 0) throw new Error('disk full');
    };
    await append(log, 'a', 1);
    const worker = new Worker(log, rows);
    await worker.untilLiveAt(log);
    const downs = worker.statuses.filter(({ state }) => state === 'down');
    expect(downs.map(({ error }) => error)).toEqual(['disk full', 'disk full']);
    expect(sumOf(rows, 'a')).toBe(1);
  });

  it('resubscribes from the last committed position when its subscription fails', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    const from = subscribedThrough(log, (messages) => messages);
    const worker = new Worker(log, rows);
    await append(log, 'a', 1);
    await worker.untilLiveAt(log);
    const { position } = worker.status;
    log.dropSubscriptions();
    await worker.until(({ state }) => state === 'down');
    expect(worker.status.error).toBe('Subscription dropped');
    await append(log, 'a', 2);
    await worker.untilLiveAt(log);
    expect(from).toEqual(['the beginning', position]);
    expect(rows.states.get('a')?.revisions).toEqual([0, 1]);
  });

  it('keeps the events before an unexpected end of its subscription, and resubscribes', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    await append(log, 'a', 1, 2, 3);
    const from = subscribedThrough(log, async function* (messages) {
      let left = 1;
      for await (const message of messages) {
        yield message;
        left -= 1;
        if (left === 0) return;
      }
    });
    const worker = new Worker(log, rows);
    await worker.until(({ position }) => position === log.log[2]?.position);
    expect(from.slice(0, 3)).toEqual(['the beginning', log.log[0]?.position, log.log[1]?.position]);
    expect(worker.statuses.find(({ state }) => state === 'down')?.error).toBe(
      'The subscription ended unexpectedly',
    );
    expect(rows.states.get('a')).toMatchObject({ sum: 6, revisions: [0, 1, 2] });
  });
});

describe('Stopping a runner', () => {
  it('waits for the current transaction and starts no other', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    const reachedCommit = Promise.withResolvers<undefined>();
    const mayCommit = Promise.withResolvers<undefined>();
    rows.beforeCommit = () => {
      reachedCommit.resolve(undefined);
      return mayCommit.promise;
    };
    await append(log, 'a', 1);
    const worker = new Worker(log, rows);
    await reachedCommit.promise;
    const stopped = worker.stop();
    await append(log, 'a', 2);
    mayCommit.resolve(undefined);
    await stopped;
    expect(sumOf(rows, 'a')).toBe(1);
    const reported = worker.statuses.length;
    await append(log, 'a', 4);
    await new Promise(setImmediate);
    expect(sumOf(rows, 'a')).toBe(1);
    expect(worker.statuses).toHaveLength(reported);
  });

  it('leaves no subscription behind', async () => {
    const log = new InMemoryEventStore();
    let open = 0;
    subscribedThrough(log, async function* (messages) {
      open += 1;
      try {
        yield* messages;
      } finally {
        open -= 1;
      }
    });
    await append(log, 'a', ...range(50).map(() => 1));
    const worker = new Worker(log, new InMemoryProjectionStore(), { batchSize: 10 });
    await worker.until(({ position }) => position !== null);
    expect(open).toBe(1);
    await worker.stop();
    expect(open).toBe(0);
  });

  it('ends the wait of a runner that is down, and clears the reason', async () => {
    const log = new InMemoryEventStore();
    await append(log, 'a', POISON);
    const worker = new Worker(log, new InMemoryProjectionStore(), { retry: NOT_TODAY });
    await worker.until(({ state }) => state === 'down');
    await worker.stop();
    expect(worker.status).toEqual({ state: 'stopped', position: null, error: null });
  });

  it('ends the wait of a runner on standby', async () => {
    const log = new InMemoryEventStore();
    const rows = new InMemoryProjectionStore<Tally>();
    await append(log, 'a', 1);
    const worker = new Worker(log, withLateCommits(rows), { standby: NOT_TODAY });
    await worker.until(({ state }) => state === 'standby');
    await worker.stop();
    expect(worker.status.state).toBe('stopped');
  });

  it('is possible before the start, and twice', async () => {
    const runner = new ProjectionRunner(
      tallyProjection(),
      new InMemoryEventStore(),
      new InMemoryProjectionStore<Tally>(),
    );
    await runner.stop();
    runner.start();
    await runner.stop();
    expect(runner.status.state).toBe('stopped');
  });
});

/** The same rows, but every commit comes too late. */
function withLateCommits(rows: ProjectionStore<Tally>): ProjectionStore<Tally> {
  return {
    checkpoint: () => rows.checkpoint(),
    deadLetters: () => rows.deadLetters(),
    reportDown: (reason) => rows.reportDown(reason),
    load: (keys) => rows.load(keys),
    commit: () => Promise.resolve(false),
  };
}
