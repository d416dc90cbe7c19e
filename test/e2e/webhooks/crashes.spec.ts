import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Program } from '../../support/program.ts';
import { Programs } from '../../support/programs.ts';
import { until } from '../../support/until.ts';
import { WebhookReceiver, type ReceivedRequest } from '../../support/webhook-receiver.ts';

const USERS = Array.from({ length: 12 }, (_, n) => `user ${n}`);
const ROUNDS = 6;

describe('Webhooks whose workers are killed', () => {
  let programs: Programs;
  let receiver: WebhookReceiver;

  beforeEach(async () => {
    programs = new Programs();
    receiver = await WebhookReceiver.start();
  });
  afterEach(async () => {
    await programs.end();
    await receiver.stop();
  });

  function start(role: 'api' | 'worker', untilReady: boolean): Promise<Program> {
    const env = { ROLE: role, WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' };
    return programs.start({ env, untilReady });
  }

  it('all arrive, in order for each User, although the receiver fails at times', async () => {
    const [worker, other] = [await start('worker', false), await start('worker', false)];
    const api = await start('api', true);
    const { sid: service } = await api.post('/v2/Services', { FriendlyName: 'x' });
    await api.post(`/v2/Services/${service}`, {
      ReachabilityEnabled: 'true',
      PostWebhookUrl: receiver.url,
      WebhookFilters: 'onUserUpdated',
    });
    const accepted: ReceivedRequest[] = [];
    receiver.answer = async (request) => {
      const n = receiver.received.length;
      await delay(n % 3 === 0 ? 20 : 0);
      if (n % 7 === 0) return { status: 503 };
      accepted.push(request);
      return { status: 204 };
    };
    const users = `/v2/Services/${service}/Users`;
    for (const identity of USERS) await api.post(users, { Identity: identity });

    const change = async (identity: string): Promise<void> => {
      const connections = `${users}/${encodeURIComponent(identity)}/Connections`;
      for (let round = 0; round < ROUNDS; round += 1) {
        const { sid } = await api.post(connections, {});
        expect((await api.delete(`${connections}/${sid}`)).status).toBe(204);
      }
    };
    const changes = Promise.all(USERS.map(change));
    await receiver.waitFor(10);
    await worker.kill();
    const second = await start('worker', false);
    await receiver.waitFor(40);
    await other.kill();
    await second.kill();
    await start('worker', false);
    await changes;

    const expected = USERS.length * ROUNDS * 2;
    const tokenOf = ({ headers }: ReceivedRequest): unknown =>
      headers['i-twilio-idempotency-token'];
    const tokens = await until(
      'every webhook',
      () => {
        const distinct = new Set(accepted.map(tokenOf));
        return distinct.size >= expected ? distinct : undefined;
      },
      40_000,
    );
    expect(tokens.size).toBe(expected);
    for (const identity of USERS) {
      const requests = accepted.filter(({ parameters }) => parameters['Identity'] === identity);
      const firstRequests = requests.filter(
        (request, index) =>
          requests.findIndex((one) => tokenOf(one) === tokenOf(request)) === index,
      );
      const versions = firstRequests.map(({ parameters }) => parameters['Version'] ?? '');
      expect(versions).toEqual(versions.toSorted());
      expect(firstRequests.map(({ parameters }) => parameters['IsOnline'])).toEqual(
        Array.from({ length: ROUNDS * 2 }, (_, n) => String(n % 2 === 0)),
      );
    }
  }, 90_000);
});
