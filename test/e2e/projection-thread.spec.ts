import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasReached, type Position } from '#event-store';
import type { RunnerStatus } from '#projections';
import { openStores, type StoreSettings, type Stores } from '#shared/composition/stores';
import { SupervisedThread } from '../../apps/api/src/background/supervised-thread.ts';
import type { FromProjectionThread } from '../../apps/api/src/background/projection-messages.ts';
import { startProjectionThread } from '../../apps/api/src/background/start-projection-thread.ts';
import { anyHistory, ActionRunner, type Step } from '../support/random-history.ts';
import { until } from '../support/until.ts';
import { ACCOUNT_SID } from '../support/webhook-enqueuer.ts';

const SOON = { attempts: Infinity, baseMs: 20, capMs: 20 };

let settings: StoreSettings;
let stores: Stores;
let doer: ActionRunner;
let kept: SupervisedThread<FromProjectionThread>;
let workers: Worker[];
let deaths: string[];
let reports: Map<string, RunnerStatus>;

beforeEach(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'projection-thread-'));
  settings = { EVENT_STORE: 'sqlite', DATA_DIR: directory };
  stores = await openStores(settings);
  doer = new ActionRunner(stores.events);
  workers = [];
  deaths = [];
  reports = new Map();
  kept = new SupervisedThread({
    start: () => {
      const worker = startProjectionThread(settings, ACCOUNT_SID);
      workers.push(worker);
      return worker;
    },
    onMessage: (message: FromProjectionThread) => {
      if (message.kind === 'status') reports.set(message.projection, message.status);
    },
    onDeath: (reason) => deaths.push(reason),
    retry: SOON,
  });
  kept.start();
});

afterEach(async () => {
  await kept.stop('stop');
  await stores.close();
  await rm(settings.DATA_DIR, { recursive: true });
});

/** Long histories that are the same every time. */
function history(seed: number): readonly Step[] {
  const histories = fc.sample(anyHistory(60), { numRuns: 20, seed });
  return histories.flat().map((step, index) => ({ ...step, commandId: `${seed} ${index}` }));
}

/** Settles once both projections are said to have reached a place. */
async function projected(position: Position | null): Promise<void> {
  const isThere = (name: string): boolean =>
    hasReached(reports.get(name)?.position ?? null, position);
  await until(`${String(position)} to be projected`, () =>
    isThere('users') && isThere('timeline') ? true : undefined,
  );
}

function states(): Record<string, RunnerStatus['state']> {
  return Object.fromEntries([...reports].map(([name, { state }]) => [name, state]));
}

/** How many rows of the read model are not as a rebuild of the log has them. */
async function differences(): Promise<number> {
  let found = 0;
  for (const projection of stores.readModel.projections) {
    found += (await projection.verify(stores.events, 5)).differences;
  }
  return found;
}

describe('The thread of the projections', () => {
  it('reports what can be read by then', async () => {
    for (const step of history(1).slice(0, 30)) {
      await doer.run(step);
      const head = await stores.events.head();
      await projected(head);
      expect((await stores.readModel.users.checkpoint()).position).toBe(head);
      expect((await stores.readModel.timeline.checkpoint()).position).toBe(head);
    }
    expect(states()).toEqual({ users: 'live', timeline: 'live', webhooks: 'live' });
  });

  it('that dies again and again while the log grows is followed by others, and every event takes effect once', async () => {
    for (const [index, step] of history(2).slice(0, 300).entries()) {
      await doer.run(step);
      if (index % 100 !== 50) continue;
      await projected(await stores.events.head());
      // In the middle of what follows, wherever that may be.
      void workers.at(-1)?.terminate();
    }
    await projected(await stores.events.head());
    expect(deaths).toHaveLength(3);
    expect(workers).toHaveLength(4);
    expect(await differences()).toBe(0);
  });

  it('that is stopped in the middle of much work finishes its transactions and ends by itself', async () => {
    for (const step of history(3).slice(0, 300)) await doer.run(step);
    await until('the work to have begun', () => (reports.size === 3 ? true : undefined));
    await kept.stop('stop');
    expect(deaths).toEqual([]);
    expect(states()).toEqual({ users: 'stopped', timeline: 'stopped', webhooks: 'stopped' });
    const { users, timeline } = stores.readModel;
    expect((await users.checkpoint()).position).toBe(reports.get('users')?.position);
    expect((await timeline.checkpoint()).position).toBe(reports.get('timeline')?.position);
    expect(await differences()).toBe(0);
  });

  it('follows a switch of versions that another connection makes', async () => {
    for (const step of history(4).slice(0, 50)) await doer.run(step);
    await projected(await stores.events.head());
    const [users] = stores.readModel.projections;
    const { version } = await users!.rebuild(stores.events);
    for (const step of history(5).slice(0, 50)) await doer.run(step);
    await projected(await stores.events.head());
    const { live } = await users!.status(stores.events, new Date());
    expect(live).toMatchObject({ version, position: await stores.events.head() });
    expect(await differences()).toBe(0);
  });
});
