import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { NewDelivery, WebhookQueue } from '#operational-state';
import {
  openSqliteOperationalState,
  type SqliteOperationalState,
} from '#operational-state/adapters/sqlite/index';
import { START } from '#projections';
import { until } from '../../../../../test/support/until.ts';
import { Dispatcher, type DispatcherOptions } from './dispatcher.ts';
import type { SendResult } from './http-sender.ts';
import type { WebhookRequest } from './webhook-request.ts';

const OK: SendResult = { kind: 'answered', status: 200, retryAfter: null };
const BROKEN: SendResult = { kind: 'answered', status: 503, retryAfter: null };

let directory: string;
let state: SqliteOperationalState;
let now: number;
let monotonic: number;
let clockReads: number;
let sent: string[];
const dispatchers: Dispatcher[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'state-'));
  state = openSqliteOperationalState(join(directory, 'state.db'));
  await state.webhookEnqueuerStore.begin('epoch', null);
  now = 1_000_000;
  monotonic = 0;
  clockReads = 0;
  sent = [];
});
afterEach(async () => {
  await Promise.all(dispatchers.splice(0).map((dispatcher) => dispatcher.stop()));
  state.close();
  rmSync(directory, { recursive: true });
});

/** Queues deliveries, each named `<service>/<user>/<number>`. */
async function enqueue(...names: readonly string[]): Promise<void> {
  const before = await state.webhookEnqueuerStore.checkpoint();
  const first = Number(before.position ?? 0) + 1;
  const deliveries = names.map((name, index): NewDelivery => {
    const [serviceSid = '', userSid = ''] = name.split('/');
    return {
      position: String(first + index).padStart(6, '0'),
      sid: `WD ${name}`,
      idempotencyToken: name,
      serviceSid,
      userSid: `${serviceSid}/${userSid}`,
      eventType: 'onUserUpdated',
      parameters: [['Name', name]],
      giveUpAt: now + 24 * 3_600_000,
    };
  });
  const targets = new Map(
    deliveries.map(({ serviceSid }) => [
      serviceSid,
      { url: `https://example.com/${serviceSid}`, method: 'POST' as const },
    ]),
  );
  const next = { ...START, position: deliveries.at(-1)?.position ?? null };
  const changes = {
    clearedServices: new Set<string>(),
    users: new Map(),
    targets,
    deliveries,
    now,
  };
  await state.webhookEnqueuerStore.commit(before, next, changes);
}

const nameOf = ({ body }: WebhookRequest): string => new URLSearchParams(body).get('Name') ?? '';

function dispatch(
  answer: (name: string) => SendResult | Promise<SendResult>,
  options: Partial<DispatcherOptions> = {},
): Dispatcher {
  const dispatcher = new Dispatcher({
    queue: state.webhookQueue,
    send: async (request) => {
      const name = nameOf(request);
      sent.push(name);
      return answer(name);
    },
    secrets: { current: 'secret', previous: null },
    clock: async () => {
      clockReads += 1;
      return now;
    },
    monotonic: () => monotonic,
    random: () => 1,
    onError: () => undefined,
    ...options,
  });
  dispatchers.push(dispatcher);
  dispatcher.start();
  return dispatcher;
}

/** Lets time pass in steps, each long enough for a round of every dispatcher. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    now += 500;
    monotonic += 500;
    const before = clockReads;
    await until('a round', () => {
      for (const dispatcher of dispatchers) dispatcher.wake();
      return clockReads > before + 3 * dispatchers.length || undefined;
    });
  }
}

/** The queue as a process sees it that is cut off from the database, once it has claimed something. */
function cutOffQueue(): WebhookQueue {
  const away = async (): Promise<never> => {
    throw new Error('The database is away');
  };
  const { webhookQueue } = state;
  return Object.assign(Object.create(webhookQueue) as WebhookQueue, {
    findDue: (at: number) => webhookQueue.findDue(at),
    claim: (...args: Parameters<WebhookQueue['claim']>) => webhookQueue.claim(...args),
    extend: away,
    recordResults: away,
    release: away,
  });
}

async function statusOf(name: string): Promise<string | undefined> {
  const [serviceSid = ''] = name.split('/');
  return (await state.webhookQueue.find(serviceSid, `WD ${name}`))?.status;
}

const becomes = (name: string, status: string): Promise<true> =>
  until(`${name} to be ${status}`, async () =>
    (await statusOf(name)) === status ? true : undefined,
  );

describe('The dispatcher', () => {
  it('sends due deliveries, in order for each User', async () => {
    await enqueue('A/ann/1', 'A/ann/2', 'A/bob/1', 'A/ann/3');
    dispatch(() => OK);
    await becomes('A/ann/3', 'delivered');
    expect(sent.filter((name) => name.includes('ann'))).toEqual(['A/ann/1', 'A/ann/2', 'A/ann/3']);
    expect(sent).toHaveLength(4);
  });

  it('holds back later deliveries of a User while one is retried, but not those of others', async () => {
    await enqueue('A/ann/1', 'A/ann/2', 'A/bob/1');
    let up = false;
    const dispatcher = dispatch((name) => (up || !name.includes('ann') ? OK : BROKEN));
    await becomes('A/ann/1', 'failed');
    await becomes('A/bob/1', 'delivered');
    expect(await statusOf('A/ann/2')).toBe('pending');
    up = true;
    now += 1_000;
    dispatcher.wake();
    await becomes('A/ann/2', 'delivered');
    expect(sent.filter((name) => name.includes('ann'))).toEqual(['A/ann/1', 'A/ann/1', 'A/ann/2']);
  });

  it('continues with the next delivery after one that the receiver rejects', async () => {
    await enqueue('A/ann/1', 'A/ann/2');
    dispatch((name) => (name === 'A/ann/1' ? { ...OK, status: 400 } : OK));
    await becomes('A/ann/2', 'delivered');
    expect(await statusOf('A/ann/1')).toBe('dead');
  });

  it('repeats a request whose worker was killed before it recorded the result', async () => {
    await enqueue('A/ann/1');
    const killed = dispatch(() => OK, { queue: cutOffQueue() });
    await until('the first attempt', () => sent[0]);
    await killed.stop();
    dispatchers.pop();
    dispatch(() => OK);
    await pass(5_500);
    expect(await statusOf('A/ann/1')).toBe('pending');
    await pass(1_000);
    await becomes('A/ann/1', 'delivered');
    expect(sent).toEqual(['A/ann/1', 'A/ann/1']);
  });

  it('keeps a delivery to itself while its receiver takes long', async () => {
    await enqueue('A/ann/1');
    const answer = Promise.withResolvers<SendResult>();
    dispatch(() => answer.promise);
    await until('the attempt', () => sent[0]);
    dispatch(() => OK);
    await pass(20_000);
    answer.resolve(OK);
    await becomes('A/ann/1', 'delivered');
    expect(sent).toEqual(['A/ann/1']);
  });

  it('does not start a request whose delivery another worker may have taken over', async () => {
    await enqueue('A/ann/1', 'A/ann/2');
    const woken = Promise.withResolvers<undefined>();
    const results: (SendResult | 'notOwned')[] = [];
    const stopped = dispatch(() => OK, {
      queue: cutOffQueue(),
      send: async (_request, isOwned) => {
        await woken.promise;
        const result = isOwned() ? OK : 'notOwned';
        results.push(result);
        return result;
      },
    });
    await until('the claim', async () => {
      const found = await state.webhookQueue.find('A', 'WD A/ann/1');
      return found?.nextAttemptAt === null || undefined;
    });
    dispatch(() => OK);
    await pass(8_000);
    await becomes('A/ann/2', 'delivered');
    woken.resolve(undefined);
    await until('the worker to wake up', () => results[0]);
    await stopped.stop();
    expect(results).toEqual(['notOwned']);
    expect(sent).toEqual(['A/ann/1', 'A/ann/2']);
  });

  it('gives a delivery back at once that it did not send', async () => {
    await enqueue('A/ann/1');
    let attempts = 0;
    dispatch(() => OK, {
      send: async () => {
        attempts += 1;
        return attempts === 1 ? 'notOwned' : OK;
      },
    });
    await becomes('A/ann/1', 'delivered');
    expect(await state.webhookQueue.find('A', 'WD A/ann/1')).toMatchObject({ attempts: 1 });
  });

  it('lets others record their results first after an outage of the database', async () => {
    await enqueue('A/ann/1');
    const [claimed] = await state.webhookQueue.claim('A', 1, {
      now,
      until: now + 6_000,
      takeOver: false,
    });
    if (claimed === undefined) throw new Error('Nothing was due');
    dispatch(() => OK);
    await pass(3_000);
    const outage = jest.spyOn(state.webhookQueue, 'findDue').mockRejectedValue(new Error('away'));
    await pass(10_000);
    outage.mockRestore();
    await pass(3_000);
    const outcome = { status: 'delivered', responseCode: 200 } as const;
    const recorded = await state.webhookQueue.recordResults([{ delivery: claimed, outcome }], now);
    expect(recorded).toBe(1);
    await pass(6_000);
    expect(sent).toEqual([]);
  });

  it('shares the queue with another worker, and each delivery goes to one of them', async () => {
    const names = Array.from({ length: 60 }, (_, n) => `A/user ${n % 20}/${n}`);
    await enqueue(...names);
    dispatch(() => OK);
    dispatch(() => OK);
    for (const name of names) await becomes(name, 'delivered');
    expect(sent.toSorted()).toEqual(names.toSorted());
    for (let user = 0; user < 20; user += 1) {
      const order = sent.filter((name) => name.startsWith(`A/user ${user}/`));
      expect(order).toEqual(names.filter((name) => name.startsWith(`A/user ${user}/`)));
    }
  });

  it('does not delay other Services when receivers hang', async () => {
    const hanging = Promise.withResolvers<SendResult>();
    const dead = Array.from({ length: 100 }, (_, n) => `dead ${n}`);
    await enqueue(...dead.flatMap((service) => [1, 2, 3, 4].map((n) => `${service}/u${n}/1`)));
    const dispatcher = dispatch((name) => (name.startsWith('dead') ? hanging.promise : OK));
    await until('the hanging requests', () => (sent.length >= 128 ? true : undefined));
    await enqueue('fine/ann/1', 'fine/ann/2', 'fine/bob/1');
    dispatcher.wake();
    for (const name of ['fine/ann/1', 'fine/ann/2', 'fine/bob/1']) await becomes(name, 'delivered');
    hanging.resolve(BROKEN);
  });

  it('marks deliveries dead that are too old or have no target any more', async () => {
    await enqueue('A/ann/1', 'B/bob/1');
    const before = await state.webhookEnqueuerStore.checkpoint();
    const changes = { clearedServices: new Set<string>(), users: new Map(), deliveries: [], now };
    await state.webhookEnqueuerStore.commit(before, before, {
      ...changes,
      targets: new Map([['B', null]]),
    });
    now += 25 * 3_600_000;
    dispatch(() => OK);
    await becomes('A/ann/1', 'dead');
    await becomes('B/bob/1', 'dead');
    expect(sent).toEqual([]);
    expect(await state.webhookQueue.find('A', 'WD A/ann/1')).toMatchObject({
      attempts: 0,
      error: 'Not delivered in time',
    });
  });

  it('waits for the requests in flight when it stops, and claims nothing more', async () => {
    await enqueue('A/ann/1', 'A/ann/2');
    const answer = Promise.withResolvers<SendResult>();
    const dispatcher = dispatch(() => answer.promise);
    await until('the request', () => sent[0]);
    const stopped = dispatcher.stop();
    answer.resolve(OK);
    await stopped;
    expect(await statusOf('A/ann/1')).toBe('delivered');
    expect(await statusOf('A/ann/2')).toBe('pending');
    expect(sent).toEqual(['A/ann/1']);
  });

  it('continues after an error of the queue', async () => {
    await enqueue('A/ann/1');
    const errors: unknown[] = [];
    jest.spyOn(state.webhookQueue, 'findDue').mockRejectedValueOnce(new Error('locked'));
    dispatch(() => OK, { onError: (error) => errors.push(error) });
    await becomes('A/ann/1', 'delivered');
    expect(errors).toMatchObject([{ message: 'locked' }]);
  });
});
