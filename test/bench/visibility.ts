/**
 * Measures the time from the acknowledgement of an append until this process knows that reads advance it: the embedded
 * store in one process with the projection thread, at a steady 500 events per second.
 * Run: `node --conditions=source test/bench/visibility.ts`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { deriveSid, userAggregate, userSid, userStream, type UserCommand } from '#domain';
import { AggregateCommandHandler, type Position } from '#event-store';
import { usersProjection } from '#read-model';
import { openStores, type StoreSettings } from '#shared/composition/stores';
import { SupervisedThread } from '../../apps/api/src/background/supervised-thread.ts';
import {
  startProjectionThread,
  type FromProjectionThread,
} from '../../apps/api/src/background/start-projection-thread.ts';
import { Measurement, printMachine } from './report.ts';

const PER_SECOND = 500;
const SECONDS = 15;
const WARM_UP = PER_SECOND * 2;
const USERS = 1_000;
const SERVICE_SID = deriveSid('IS', 'bench');

/** Times of acknowledged events that are not visible yet, by position, oldest first. */
const acknowledged = new Map<Position, number>();
const latencies = new Measurement();
let measured = 0;

function record(acknowledgedAt: number, seenAt: number): void {
  measured += 1;
  if (measured > WARM_UP) latencies.record(Math.max(0, seenAt - acknowledgedAt));
}

/** Commands that first create all Users and then open Connections. */
function command(number: number): { stream: string; command: UserCommand } {
  const identity = `user ${number % USERS}`;
  const connection = {
    type: 'OpenConnection',
    connectionSid: deriveSid('CN', String(number)),
    transport: 'http',
    node: null,
    deviceId: null,
    ttlSeconds: 300,
  } as const;
  const create = { type: 'CreateUser', serviceSid: SERVICE_SID, identity } as const;
  return {
    stream: userStream(userSid(SERVICE_SID, identity)),
    command: number < USERS ? create : connection,
  };
}

const directory = mkdtempSync(join(tmpdir(), 'bench-visibility-'));
const settings: StoreSettings = {
  EVENT_STORE: 'sqlite',
  DATA_DIR: directory,
  CLOCK_LEAD_SECONDS: 60,
};
const stores = await openStores(settings);
const users = new AggregateCommandHandler(userAggregate, stores.events, () => new Date());
let checkpoint: Position = '';

function advance(position: Position | null): void {
  if (position === null || position <= checkpoint) return;
  const now = performance.now();
  checkpoint = position;
  for (const [acknowledgedPosition, at] of acknowledged) {
    if (acknowledgedPosition > position) continue;
    acknowledged.delete(acknowledgedPosition);
    record(at, now);
  }
}

const thread = new SupervisedThread({
  start: () => startProjectionThread(settings, deriveSid('AC', 'bench')),
  onMessage: (message: FromProjectionThread) => {
    const isOfUsers = message.kind === 'status' && message.projection === usersProjection.name;
    if (isOfUsers) advance(message.status.position);
  },
  onExit: (reason) => {
    throw new Error(`The projection thread failed: ${reason}`);
  },
});

async function append(number: number): Promise<void> {
  const { stream, command: sent } = command(number);
  const commandId = `bench ${number}`;
  const context = { commandId, correlationId: commandId, actor: 'cli' };
  const { position } = await users.handle(stream, sent, context);
  if (position === null) throw new Error('Nothing was appended');
  const now = performance.now();
  if (position <= checkpoint) record(now, now);
  else acknowledged.set(position, now);
}

try {
  printMachine(0);
  thread.start();
  const total = WARM_UP + PER_SECOND * SECONDS;
  const start = performance.now();
  const pending: Promise<void>[] = [];
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - start) / 1_000) * PER_SECOND));
    while (sent < due) pending.push(append(sent++));
    await delay(1);
  }
  await Promise.all(pending);
  while (acknowledged.size > 0) await delay(1);
  latencies.addElapsed(SECONDS * 1_000);
  const shares = [0.5, 0.99, 0.999].map(
    (p) => `p${p * 100} ${latencies.percentile(p).toFixed(1)} ms`,
  );
  console.log(
    `visible after ack at ${Math.round(latencies.perSecond)} events/s  ${shares.join('   ')}`,
  );
} finally {
  await thread.stop('stop');
  await stores.close();
  rmSync(directory, { recursive: true });
}
