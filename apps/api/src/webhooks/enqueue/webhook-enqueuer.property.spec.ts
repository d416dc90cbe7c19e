import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DomainError, serviceStream, type ReachabilityEvent, type UserCommand } from '#domain';
import { foldBatch, START, type Projection } from '#projections';
import { usersProjection, type UsersState } from '#read-model';
import { SERVICE_SID } from '../../../../../test/support/user-commands.ts';
import {
  ACCOUNT_SID,
  ALL_WEBHOOKS,
  WebhookEnqueuerWorld,
} from '../../../../../test/support/webhook-enqueuer.ts';
import { webhookTriggeredBy } from './webhook-trigger.ts';
import { parametersOf } from './webhook-parameters.ts';
import { isSubscribedTo } from './webhook-target.ts';
import { isOfUser } from './webhooks-projection.ts';

/** Names of the steps of a history. Each step has a number as its argument. */
const steps = [
  'create',
  'rename',
  'delete',
  'open',
  'close',
  'bind',
  'unbind',
  'toggle',
  'mute',
  'enqueue',
  'project',
] as const;
type Step = readonly [kind: (typeof steps)[number], n: number];

async function take(world: WebhookEnqueuerWorld, [kind, n]: Step): Promise<void> {
  const identity = `user ${n % 2}`;
  const device = `${identity} device ${n % 3}`;
  const at = new Date().toISOString();
  const commands: Partial<Record<Step[0], UserCommand>> = {
    create: { type: 'CreateUser', serviceSid: SERVICE_SID, identity, webhookEnabled: n > 3 },
    rename: {
      type: 'UpdateUser',
      changes: { friendlyName: `name ${n}` },
      webhookEnabled: n > 3,
    },
    delete: { type: 'DeleteUser', at },
    bind: {
      type: 'RegisterBinding',
      bindingSid: device,
      bindingType: 'fcm',
      address: device,
      endpoint: device,
    },
    unbind: { type: 'RemoveBinding', bindingSid: device },
  };
  const command = commands[kind];
  if (command !== undefined) await world.user(identity, command);
  else if (kind === 'open') await world.open(identity, device);
  else if (kind === 'close') await world.close(identity, device);
  else if (kind === 'toggle') await world.toggle(n > 2);
  else if (kind === 'mute') await world.change(n > 2 ? ALL_WEBHOOKS : { webhookFilters: null });
  else if (kind === 'enqueue') await world.catchUp();
  else await world.readModel.catchUp();
}

/** Returns the parameters of all webhooks after a position, from one fold of the whole log. */
async function expectedWebhooks(world: WebhookEnqueuerWorld, startedAt: string | null) {
  const parameters: (readonly (readonly [string, string])[])[] = [];
  const projection: Projection<UsersState, ReachabilityEvent> = {
    ...usersProjection,
    lookups: (event) => [serviceStream(SERVICE_SID), ...usersProjection.lookups(event)],
    evolve: (before, projected, lookup) => {
      const after = usersProjection.evolve(before, projected, lookup);
      const service = lookup(serviceStream(SERVICE_SID));
      const { position, effectiveAt } = projected;
      if (position <= (startedAt ?? '') || service?.kind !== 'service' || after?.kind !== 'user') {
        return after;
      }
      if (!isOfUser(projected) || (before !== null && before.kind !== 'user')) return after;
      const webhook = webhookTriggeredBy(projected, { before, after, service });
      if (webhook !== null && isSubscribedTo(service, webhook)) {
        const server = { accountSid: ACCOUNT_SID, epoch: world.log.epoch };
        parameters.push(parametersOf(webhook, after, service, effectiveAt, server));
      }
      return after;
    },
  };
  await foldBatch(projection, async () => new Map(), world.log.log, START);
  return parameters;
}

describe('The webhook enqueuer', () => {
  it('queues each webhook of a fold of the whole log once, in log order, across restarts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(12),
        fc.array(fc.tuple(fc.constantFrom(...steps), fc.nat(5)), { minLength: 10, maxLength: 60 }),
        async (startAfter, history) => {
          const world = new WebhookEnqueuerWorld();
          try {
            await world.service(ALL_WEBHOOKS);
            await world.toggle(true);
            let startedAt: string | null | undefined;
            for (const [index, step] of history.entries()) {
              if (index === startAfter) {
                startedAt = await world.log.head();
                await world.begin();
              }
              if (startedAt === undefined && step[0] === 'enqueue') continue;
              await take(world, step).catch((error: unknown) => {
                if (!(error instanceof DomainError)) throw error;
              });
            }
            if (startedAt === undefined) return;
            await world.catchUp();
            const queued = (await world.queued()).map(({ parameters }) => parameters);
            expect(queued).toEqual(await expectedWebhooks(world, startedAt));
          } finally {
            world.dispose();
          }
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});
