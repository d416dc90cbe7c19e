import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasReached, type Position } from '#event-store';
import type { RunnerStatus } from '#projections';
import { openStores, type StoreSettings, type Stores } from '#shared/composition/stores';
import { SupervisedThread } from '../../../apps/api/src/background/supervised-thread.ts';
import {
  startProjectionThread,
  type FromProjectionThread,
} from '../../../apps/api/src/background/start-projection-thread.ts';
import { anyHistory, ActionRunner, type Step } from '../../support/random-history.ts';
import { until } from '../../support/until.ts';
import { ACCOUNT_SID } from '../../support/webhook-enqueuer.ts';

const SOON = { baseMs: 20, capMs: 20 };

let settings: StoreSettings;
let stores: Stores;
let actions: ActionRunner;
let thread: SupervisedThread<FromProjectionThread>;
let workers: Worker[];
let failures: string[];
let reports: Map<string, RunnerStatus>;

beforeEach(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'projection-thread-'));
  settings = { EVENT_STORE: 'sqlite', DATA_DIR: directory, CLOCK_LEAD_SECONDS: 60 };
  stores = await openStores(settings);
  actions = new ActionRunner(stores.events);
  workers = [];
  failures = [];
  reports = new Map();
  thread = new SupervisedThread({
    start: () => {
      const worker = startProjectionThread(settings, ACCOUNT_SID);
      workers.push(worker);
      return worker;
    },
    onMessage: (message: FromProjectionThread) => {
      if (message.kind === 'status') reports.set(message.projection, message.status);
    },
    onExit: (reason) => failures.push(reason),
    retry: SOON,
  });
  thread.start();
});

afterEach(async () => {
  await thread.stop('stop');
  await stores.close();
  await rm(settings.DATA_DIR, { recursive: true });
});

/** A long history that depends only on the seed. */
function history(seed: number): readonly Step[] {
  const histories = fc.sample(anyHistory(60), { numRuns: 20, seed });
  return histories.flat().map((step, index) => ({ ...step, commandId: `${seed} ${index}` }));
}

/** Settles once all projections report that they have reached a position. */
async function waitUntilProjected(position: Position | null): Promise<void> {
  const hasProjected = (name: string): boolean =>
    hasReached(reports.get(name)?.position ?? null, position);
  await until(`${String(position)} to be projected`, () =>
    ['users', 'timeline', 'summary'].every(hasProjected) ? true : undefined,
  );
}

function states(): Record<string, RunnerStatus['state']> {
  return Object.fromEntries([...reports].map(([name, { state }]) => [name, state]));
}

/** Number of rows of the read model that differ from a rebuild of the log. */
async function differences(): Promise<number> {
  let found = 0;
  for (const projection of stores.readModel.projections) {
    found += (await projection.verify(stores.events, 5)).differences;
  }
  return found;
}

describe('The projection thread', () => {
  it('reports positions that are visible to reads', async () => {
    for (const step of history(1).slice(0, 30)) {
      await actions.run(step);
      const head = await stores.events.head();
      await waitUntilProjected(head);
      expect((await stores.readModel.users.checkpoint()).position).toBe(head);
      expect((await stores.readModel.timeline.checkpoint()).position).toBe(head);
    }
    expect(states()).toEqual({
      users: 'live',
      timeline: 'live',
      summary: 'live',
      webhooks: 'live',
    });
  });

  it('is restarted whenever it dies while the log grows, and every event takes effect once', async () => {
    for (const [index, step] of history(2).slice(0, 300).entries()) {
      await actions.run(step);
      if (index % 100 !== 50) continue;
      await waitUntilProjected(await stores.events.head());
      // Terminates the thread at some point of the following steps.
      void workers.at(-1)?.terminate();
    }
    await waitUntilProjected(await stores.events.head());
    expect(failures).toHaveLength(3);
    expect(workers).toHaveLength(4);
    expect(await differences()).toBe(0);
  });

  it('finishes its transactions and ends by itself when it is stopped during work', async () => {
    for (const step of history(3).slice(0, 300)) await actions.run(step);
    await until('the work to start', () => (reports.size === 4 ? true : undefined));
    await thread.stop('stop');
    expect(failures).toEqual([]);
    expect(new Set(Object.values(states()))).toEqual(new Set(['stopped']));
    const { users, timeline } = stores.readModel;
    expect((await users.checkpoint()).position).toBe(reports.get('users')?.position);
    expect((await timeline.checkpoint()).position).toBe(reports.get('timeline')?.position);
    expect(await differences()).toBe(0);
  });

  it('follows a version switch of another connection', async () => {
    for (const step of history(4).slice(0, 50)) await actions.run(step);
    await waitUntilProjected(await stores.events.head());
    const [users] = stores.readModel.projections;
    const { version } = await users!.rebuild(stores.events);
    for (const step of history(5).slice(0, 50)) await actions.run(step);
    await waitUntilProjected(await stores.events.head());
    const { live } = await users!.status(stores.events, new Date());
    expect(live).toMatchObject({ version, position: await stores.events.head() });
    expect(await differences()).toBe(0);
  });
});
