import { deriveSid, userSid, userStream, uuidV5 } from '#domain';
import type { EventStore, NewEvent } from '#event-store';
import { seededRandom, type Measurement } from './report.ts';

const TURN_MS = 1_000;
const SERVICE_SID = deriveSid('IS', 'bench');

/** One event that starts a stream. */
export interface Append {
  readonly stream: string;
  readonly event: NewEvent;
}

/** Generates first connections of new Users, each with about 420 bytes of payload and metadata. */
export function connectionOpenedEvents(seed: number): () => Append {
  const random = seededRandom(seed);
  let made = 0;
  return () => {
    made += 1;
    const commandId = uuidV5(`${seed}/${made}`);
    const user = userSid(SERVICE_SID, `user-${made}-${Math.floor(random() * 1e9)}`);
    const event: NewEvent = {
      id: uuidV5(`${commandId}/0`),
      type: 'ConnectionOpened',
      schemaVersion: 1,
      data: {
        serviceSid: SERVICE_SID,
        userSid: user,
        connectionSid: deriveSid('CN', commandId),
        transport: 'stream',
        node: { nodeId: 'api-1', incarnation: 3 },
        deviceId: null,
        ttlSeconds: null,
      },
      metadata: {
        occurredAt: '2026-01-01T00:00:00.000Z',
        correlationId: commandId,
        causationId: commandId,
        actor: 'node:api-1',
      },
    };
    return { stream: userStream(user), event };
  };
}

/**
 * Appends with `lanes` concurrent appends for a second. The events are made before the measured time.
 *
 * @returns processor time of this process for them
 */
export async function appendForASecond(
  into: Measurement,
  lanes: number,
  make: () => Append,
  append: (what: Append) => unknown,
): Promise<NodeJS.CpuUsage> {
  const queue = Array.from({ length: lanes === 1 ? 20_000 : 60_000 }, make);
  const before = process.cpuUsage();
  const start = performance.now();
  const end = start + TURN_MS;
  const lane = async () => {
    for (let before = performance.now(); before < end;) {
      const next = queue.pop();
      if (next === undefined) throw new Error('The turn needs more events');
      const pending = append(next);
      if (pending instanceof Promise) await pending;
      const after = performance.now();
      into.record(after - before);
      before = after;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  into.addElapsed(performance.now() - start);
  return process.cpuUsage(before);
}

export const appendTo =
  (store: EventStore) =>
  ({ stream, event }: Append): Promise<unknown> =>
    store.append(stream, 'no_stream', [event]);
