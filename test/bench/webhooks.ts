/**
 * Measures the time from the acknowledgement of a change until its webhook arrives: log, read model, enqueuer and
 * dispatcher in one process with the receiver, at a steady rate of changes, first alone and then together with Services
 * whose receivers never answer. Run: `node --conditions=source test/bench/webhooks.ts`
 */
import { createServer } from 'node:http';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import {
  deriveSid,
  serviceAggregate,
  serviceStream,
  userAggregate,
  userSid,
  userStream,
  type ServiceCommand,
  type UserCommand,
} from '#domain';
import { AggregateCommandHandler } from '#event-store';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { openSqliteOperationalState } from '#operational-state/adapters/sqlite/index';
import { ProjectionRunner } from '#projections';
import { usersProjection } from '#read-model';
import { openSqliteReadModel } from '#read-model/adapters/sqlite/index';
import { AddressFilter } from '../../apps/api/src/webhooks/deliver/address-filter.ts';
import { Dispatcher } from '../../apps/api/src/webhooks/deliver/dispatcher.ts';
import { HttpSender } from '../../apps/api/src/webhooks/deliver/http-sender.ts';
import { FilteredLog } from '../../apps/api/src/webhooks/enqueue/filtered-log.ts';
import { WebhookStates } from '../../apps/api/src/webhooks/enqueue/webhook-states.ts';
import { webhooksProjection } from '../../apps/api/src/webhooks/enqueue/webhooks-projection.ts';
import { Measurement, printMachine } from './report.ts';

const PER_SECOND = 100;
const SECONDS = 15;
const WARM_UP = PER_SECOND * 2;
const USERS = 500;
const HANGING_SERVICES = 20;

const clock = (): Date => new Date();
const directory = mkdtempSync(join(tmpdir(), 'bench-webhooks-'));
const events = await openSqliteEventStore({ path: join(directory, 'events.db') });
const readModel = openSqliteReadModel(join(directory, 'read-model.db'), events.epoch);
const { webhookEnqueuerStore, webhookQueue, ...operations } = openSqliteOperationalState(
  join(directory, 'state.db'),
);
const services = new AggregateCommandHandler(serviceAggregate, events, clock);
const users = new AggregateCommandHandler(userAggregate, events, clock);
let commands = 0;
const context = () => {
  commands += 1;
  return { commandId: `bench ${commands}`, correlationId: 'bench', actor: 'cli' };
};

/** When the webhook of a version arrived. */
const received = new Map<string, number>();
const receiver = createServer((request, response) => {
  const at = performance.now();
  void text(request).then((body) => {
    if (request.url === '/hanging') return;
    received.set(new URLSearchParams(body).get('Version') ?? '', at);
    response.writeHead(204).end();
  });
});
receiver.listen(0, '127.0.0.1');
await once(receiver, 'listening');
const address = receiver.address();
const port = address !== null && typeof address === 'object' ? address.port : 0;

const sender = new HttpSender(new AddressFilter(['127.0.0.0/8']));
const dispatcher = new Dispatcher({
  queue: webhookQueue,
  send: (request, isOwned) => sender.send(request, isOwned),
  secrets: { current: 'secret', previous: null },
  clock: operations.now,
  onError: (error) => console.error(error),
});
const rows = readModel.usersVersions.live();
const states = new WebhookStates(webhookEnqueuerStore, {
  log: events,
  readModel: readModel.users,
  deadLetters: () => rows.deadLetters(),
  clock: operations.now,
  onQueued: () => dispatcher.wake(),
});
const enqueuer = new ProjectionRunner(
  webhooksProjection({ accountSid: deriveSid('AC', 'bench'), epoch: events.epoch }),
  new FilteredLog(events, (...until) => states.waitUntilWritten(...until)),
  states,
);
const projector = new ProjectionRunner(usersProjection, events, rows);

async function newService(name: string, path: string): Promise<string> {
  const serviceSid = deriveSid('IS', name);
  const changes = {
    postWebhookUrl: `http://127.0.0.1:${port}${path}`,
    webhookFilters: ['onUserUpdated'],
  };
  const made: readonly ServiceCommand[] = [
    { type: 'CreateService', serviceSid, friendlyName: name },
    { type: 'UpdateService', changes, reachabilityEnabled: true },
  ];
  for (const command of made) await services.handle(serviceStream(serviceSid), command, context());
  return serviceSid;
}

/** Changes a User's reachability and returns the version in its webhook. */
async function change(serviceSid: string, number: number, count: number): Promise<string> {
  const identity = `user ${number % count}`;
  const round = Math.floor(number / count);
  const connectionSid = deriveSid('CN', `${identity} ${round >> 1}`);
  const opening: UserCommand = {
    type: 'OpenConnection',
    createAs: { serviceSid, identity },
    connectionSid,
    transport: 'http',
    node: null,
    deviceId: null,
    ttlSeconds: 300,
  };
  const closing: UserCommand = {
    type: 'CloseConnection',
    connectionSid,
    cause: 'clean',
    lastSeenAt: clock().toISOString(),
  };
  const command = round % 2 === 0 ? opening : closing;
  const stream = userStream(userSid(serviceSid, identity));
  const { position } = await users.handle(stream, command, context());
  return `${events.epoch}:${position ?? ''}`;
}

async function measure(name: string, serviceSid: string): Promise<void> {
  const latencies = new Measurement();
  const acknowledged = new Map<string, number>();
  const one = async (number: number): Promise<void> => {
    const version = await change(serviceSid, number, USERS);
    if (number >= WARM_UP) acknowledged.set(version, performance.now());
  };
  const total = WARM_UP + PER_SECOND * SECONDS;
  const pending: Promise<void>[] = [];
  const start = performance.now();
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - start) / 1_000) * PER_SECOND));
    while (sent < due) pending.push(one(sent++));
    await delay(1);
  }
  await Promise.all(pending);
  const deadline = performance.now() + 30_000;
  for (const [version, at] of acknowledged) {
    while (!received.has(version) && performance.now() < deadline) await delay(5);
    latencies.record(Math.max(0, (received.get(version) ?? Number.POSITIVE_INFINITY) - at));
  }
  const shares = [0.5, 0.99, 1].map((p) => `p${p * 100} ${latencies.percentile(p).toFixed(1)} ms`);
  console.log(`${name.padEnd(48)}${shares.join('   ')}`);
}

try {
  printMachine(0);
  await webhookEnqueuerStore.begin(events.epoch, await events.head());
  projector.start();
  enqueuer.start();
  dispatcher.start();
  console.log(`ack of a change to its webhook, ${PER_SECOND} changes/s of ${USERS} Users`);
  await measure('alone', await newService('alone', '/fine'));
  for (let n = 0; n < HANGING_SERVICES; n += 1) {
    const hanging = await newService(`hanging ${n}`, '/hanging');
    for (let user = 0; user < 50; user += 1) await change(hanging, user, 50);
  }
  await measure(
    `beside ${HANGING_SERVICES} Services that never answer`,
    await newService('beside', '/fine'),
  );
} finally {
  await Promise.all([projector.stop(), enqueuer.stop(), dispatcher.stop()]);
  await sender.close();
  receiver.closeAllConnections();
  receiver.close();
  operations.close();
  readModel.close();
  await events.close();
  rmSync(directory, { recursive: true });
}
