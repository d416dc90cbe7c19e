import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { hasEventStoreDb } from '../../support/eventstored.ts';
import { fieldsOf, listOf, type Fields } from '../../support/fields.ts';
import { hasPostgres } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';
import { WebhookReceiver, type ReceivedRequest } from '../../support/webhook-receiver.ts';
import { TwoWorkers, type Fault } from '../../support/workers.ts';

const canRun = hasPostgres() && hasEventStoreDb();
const PATIENCE_MS = 60_000;
const FAULTS: readonly Fault[] = [
  'frozen',
  'cut off from PostgreSQL',
  'cut off from EventStoreDB',
  'killed',
];

const tokenOf = ({ headers }: ReceivedRequest): unknown => headers['i-twilio-idempotency-token'];

(canRun ? describe : describe.skip)('Two workers on machines of their own', () => {
  let machines: TwoWorkers;
  let receiver: WebhookReceiver;
  let service: string;
  let changes = 0;

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
    machines = await TwoWorkers.start();
    const { api } = machines;
    const { sid } = await api.post('/v2/Services', { FriendlyName: 'x' });
    service = `/v2/Services/${sid}`;
    await api.post(service, {
      ReachabilityEnabled: 'true',
      PostWebhookUrl: receiver.url,
      WebhookFilters: 'onUserUpdated',
    });
  }, 200_000);
  afterAll(async () => {
    await machines.stop();
    await receiver.stop();
  });
  beforeEach(() => {
    receiver.answer = () => ({ status: 204 });
  });

  /** Brings a new User online. Returns the identity. */
  async function change(): Promise<string> {
    const identity = `user ${++changes}`;
    const users = `${service}/Users`;
    await machines.api.post(users, { Identity: identity });
    await machines.api.post(`${users}/${encodeURIComponent(identity)}/Connections`, {});
    return identity;
  }

  const webhooksOf = (identity: string): ReceivedRequest[] =>
    receiver.received.filter(({ parameters }) => parameters['Identity'] === identity);

  async function deliveries(): Promise<readonly Fields[]> {
    const { body } = await machines.api.get(`${service}/Webhooks/Deliveries?PageSize=1000`);
    return listOf(body['deliveries']);
  }

  /** Waits until the read model shows a User online, and its webhook has come and is recorded. */
  async function untilDone(identity: string): Promise<void> {
    const user = `${service}/Users/${encodeURIComponent(identity)}`;
    const isOnline = async () =>
      (await machines.api.get(user)).body['is_online'] === true || undefined;
    await until(`${identity} to be online`, isOnline, PATIENCE_MS);
    const isDelivered = async () =>
      (await deliveries()).some(
        ({ parameters, status }) =>
          fieldsOf(parameters)['Identity'] === identity && status === 'delivered',
      ) || undefined;
    await until(`the webhook of ${identity}`, isDelivered, PATIENCE_MS);
    expect(webhooksOf(identity).length).toBeGreaterThan(0);
  }

  /** Requests of each delivery beyond the attempts that are known: those that two workers have sent. */
  async function doubled(): Promise<readonly unknown[]> {
    return (await deliveries()).filter((delivery) => {
      const isOfDelivery = (request: ReceivedRequest) =>
        `WD${String(tokenOf(request)).replaceAll('-', '')}` === delivery['sid'];
      return receiver.received.filter(isOfDelivery).length > Number(delivery['attempts']);
    });
  }

  it.each(FAULTS)(
    'take over from each other when one is %s',
    async (fault) => {
      await untilDone(await change());
      for (const worker of machines.workers) {
        await worker.suffer(fault);
        await untilDone(await change());
        await worker.recoverFrom(fault);
        await untilDone(await change());
      }
      expect(await doubled()).toEqual([]);
    },
    400_000,
  );

  it('send again what a frozen one was sending, and it sends nothing more when it wakes up', async () => {
    const [one, other] = machines.workers;
    await other.suffer('frozen');
    receiver.answer = () => ({ status: 204, hang: true });
    const identity = await change();
    await until('the request', () => webhooksOf(identity)[0], PATIENCE_MS);
    await one.suffer('frozen');
    receiver.answer = () => ({ status: 204 });
    await other.recoverFrom('frozen');
    await until('a repetition', () => webhooksOf(identity)[1], PATIENCE_MS);
    await one.recoverFrom('frozen');
    await untilDone(await change());
    expect(webhooksOf(identity)).toHaveLength(2);
  }, 200_000);
});
