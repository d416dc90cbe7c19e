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
import { Measurement } from './report.ts';

const SECONDS = 15;
const WARM_UP_SECONDS = 2;
const USERS = 1_000;
const SERVICE_SID = deriveSid('IS', 'bench');

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

/**
 * Measures the times from the acknowledgement of an append until this process knows that reads advance it, with the
 * projection thread beside it. Appends come at a steady rate.
 */
export async function measureVisibility(
  settings: StoreSettings,
  perSecond: number,
  seconds = SECONDS,
): Promise<Measurement> {
  /** Times of acknowledged events that are not visible yet, by position, oldest first. */
  const acknowledged = new Map<Position, number>();
  const latencies = new Measurement();
  const warmUp = perSecond * WARM_UP_SECONDS;
  let measured = 0;
  let checkpoint: Position = '';

  const record = (acknowledgedAt: number, seenAt: number): void => {
    measured += 1;
    if (measured > warmUp) latencies.record(Math.max(0, seenAt - acknowledgedAt));
  };
  const advance = (position: Position | null): void => {
    if (position === null || position <= checkpoint) return;
    const now = performance.now();
    checkpoint = position;
    for (const [acknowledgedPosition, at] of acknowledged) {
      if (acknowledgedPosition > position) continue;
      acknowledged.delete(acknowledgedPosition);
      record(at, now);
    }
  };

  const stores = await openStores(settings);
  const users = new AggregateCommandHandler(userAggregate, stores.events, () => new Date());
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
  const append = async (number: number): Promise<void> => {
    const { stream, command: sent } = command(number);
    const commandId = `bench ${number}`;
    const context = { commandId, correlationId: commandId, actor: 'cli' };
    const { position } = await users.handle(stream, sent, context);
    if (position === null) throw new Error('Nothing was appended');
    const now = performance.now();
    if (position <= checkpoint) record(now, now);
    else acknowledged.set(position, now);
  };

  try {
    thread.start();
    const total = warmUp + perSecond * seconds;
    const start = performance.now();
    const pending: Promise<void>[] = [];
    for (let sent = 0; sent < total;) {
      const due = Math.min(total, Math.floor(((performance.now() - start) / 1_000) * perSecond));
      while (sent < due) pending.push(append(sent++));
      await delay(1);
    }
    await Promise.all(pending);
    const took = performance.now() - start;
    while (acknowledged.size > 0) await delay(1);
    latencies.addElapsed(took - WARM_UP_SECONDS * 1_000);
  } finally {
    await thread.stop('stop');
    await stores.close();
  }
  return latencies;
}

/** Prints how soon events were visible, and at which rate they were appended. */
export function printVisibility(name: string, latencies: Measurement): void {
  const shares = [0.5, 0.99, 0.999].map(
    (p) => `p${p * 100} ${latencies.percentile(p).toFixed(1)} ms`,
  );
  console.log(
    `${name}: visible after ack at ${Math.round(latencies.perSecond)} events/s  ${shares.join('   ')}`,
  );
}
