import {
  reachabilityRegistry,
  serviceStream,
  userSid,
  userStream,
  type ReachabilityEvent,
} from '#domain';
import type { RecordedEvent } from '#event-store';
import { foldBatch, type Projection, type ProjectionVersions } from '#projections';
import { summaryProjection, usersProjection } from '#read-model';
import { openSqliteReadModel } from '#read-model/adapters/sqlite/index';

/** The only Service of the read model. */
export const SERVICE = `IS${'1'.repeat(32)}`;
const CHUNK = 20_000;
const ONLINE_EVERY = 100;

/** Sids of the nth User and its Service. */
export const ids = (n: number) => ({ serviceSid: SERVICE, userSid: userSid(SERVICE, `user ${n}`) });
const profile = { friendlyName: null, attributes: '{}', roleSid: null };
const connection = { transport: 'http', node: null, deviceId: null, ttlSeconds: 300 } as const;
const CN = (n: number): string => `CN${String(n).padStart(32, '0')}`;

/** The nth event of the history: first the Service, then each User, then a connect of one in a hundred. */
function eventAt(n: number, users: number): ReachabilityEvent {
  if (n === 0) return { type: 'ServiceCreated', data: { serviceSid: SERVICE, friendlyName: 'S' } };
  if (n === 1) return { type: 'ReachabilityEnabled', data: { serviceSid: SERVICE } };
  const user = n - 2;
  if (user < users) {
    return { type: 'UserCreated', data: { ...ids(user), identity: `user ${user}`, ...profile } };
  }
  const online = (user - users) * ONLINE_EVERY;
  return {
    type: 'ConnectionOpened',
    data: { ...ids(online), connectionSid: CN(online), ...connection },
  };
}

function recorded(n: number, users: number): RecordedEvent {
  const event = eventAt(n, users);
  return {
    ...reachabilityRegistry.encode(event),
    id: `event ${n}`,
    stream: 'userSid' in event.data ? userStream(event.data.userSid) : serviceStream(SERVICE),
    revision: event.type === 'ConnectionOpened' ? 1 : 0,
    position: String(n + 1).padStart(20, '0'),
    metadata: {
      occurredAt: new Date(Date.UTC(2026, 2, 4) + n * 50).toISOString(),
      correlationId: 'bench',
      causationId: `command ${n}`,
      actor: 'cli',
    },
  };
}

async function project<State>(
  projection: Projection<State, ReachabilityEvent>,
  versions: ProjectionVersions<State>,
  users: number,
): Promise<void> {
  const rows = versions.live();
  const events = 2 + users + Math.floor(users / ONLINE_EVERY);
  for (let from = 0; from < events; from += CHUNK) {
    const before = await rows.checkpoint();
    const chunk = Array.from({ length: Math.min(CHUNK, events - from) }, (_, n) =>
      recorded(from + n, users),
    );
    const folded = await foldBatch(projection, (keys) => rows.load(keys), chunk, before);
    await rows.commit(before, folded.checkpoint, folded.changes);
  }
}

/** Makes a read model in files of one Service with many Users, one in a hundred of them online. */
export async function makeCrowdedReadModel(
  path: string,
  users: number,
): Promise<ReturnType<typeof openSqliteReadModel>> {
  const readModel = openSqliteReadModel(path, 'bench');
  await project(usersProjection, readModel.usersVersions, users);
  await project(summaryProjection, readModel.summaryVersions, users);
  return readModel;
}
