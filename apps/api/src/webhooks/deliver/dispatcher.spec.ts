import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { NewDelivery } from '#operational-state';
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
let sent: string[];
const dispatchers: Dispatcher[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'state-'));
  state = openSqliteOperationalState(join(directory, 'state.db'));
  await state.webhookEnqueuerStore.begin('epoch', null);
  now = 1_000_000;
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
    clock: () => new Date(now),
    random: () => 1,
    onError: () => undefined,
    ...options,
  });
  dispatchers.push(dispatcher);
  dispatcher.start();
  return dispatcher;
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

  it('repeats a request whose worker died before it recorded the result', async () => {
    await enqueue('A/ann/1');
    const lost = openSqliteOperationalState(join(directory, 'state.db'));
    jest.spyOn(lost.webhookQueue, 'recordResults').mockRejectedValue(new Error('killed'));
    const died = dispatch(() => OK, { queue: lost.webhookQueue });
    await until('the first attempt', () => sent[0]);
    await died.stop();
    lost.close();
    const survivor = dispatch(() => OK);
    expect(await statusOf('A/ann/1')).toBe('pending');
    now += 15_000;
    survivor.wake();
    await becomes('A/ann/1', 'delivered');
    expect(sent).toEqual(['A/ann/1', 'A/ann/1']);
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
    jest.spyOn(state.webhookQueue, 'dueServices').mockRejectedValueOnce(new Error('locked'));
    dispatch(() => OK, { onError: (error) => errors.push(error) });
    await becomes('A/ann/1', 'delivered');
    expect(errors).toMatchObject([{ message: 'locked' }]);
  });
});
