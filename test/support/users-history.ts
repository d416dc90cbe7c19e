import {
  apiKeyStream,
  nodeStream,
  reachabilityRegistry,
  serviceStream,
  userSid,
  userStream,
  type ReachabilityEvent,
} from '#domain';
import type { RecordedEvent } from '#event-store';
import { foldBatch, START } from '#projections';
import {
  answerFor,
  summarize,
  usersProjection,
  type ReachabilityAnswer,
  type UserRow,
  type UsersState,
} from '#read-model';

/** Time of the nth event of a history: one a minute, from minute 0. */
export const minute = (n: number): string => new Date(Date.UTC(2026, 2, 4, 5, n)).toISOString();

const SERVICE = `IS${'1'.repeat(32)}`;
const ids = (identity: string, serviceSid: string) => ({
  serviceSid,
  userSid: userSid(serviceSid, identity),
});

/** Events of one Service, of its User Ann by default, and of nodes. */
export const serviceCreated = (serviceSid = SERVICE): ReachabilityEvent => ({
  type: 'ServiceCreated',
  data: { serviceSid, friendlyName: `Service ${serviceSid.slice(-1)}` },
});
export const serviceDeleted = (serviceSid = SERVICE): ReachabilityEvent => ({
  type: 'ServiceDeleted',
  data: { serviceSid },
});
export const enabled = (serviceSid = SERVICE): ReachabilityEvent => ({
  type: 'ReachabilityEnabled',
  data: { serviceSid },
});
export const disabled = (serviceSid = SERVICE): ReachabilityEvent => ({
  type: 'ReachabilityDisabled',
  data: { serviceSid },
});
export const userCreated = (identity = 'ann', serviceSid = SERVICE): ReachabilityEvent => ({
  type: 'UserCreated',
  data: {
    ...ids(identity, serviceSid),
    identity,
    friendlyName: null,
    attributes: '{}',
    roleSid: null,
  },
});
export const userDeleted = (identity = 'ann', serviceSid = SERVICE): ReachabilityEvent => ({
  type: 'UserDeleted',
  data: ids(identity, serviceSid),
});

/** @param node the incarnation that holds the socket; null for a Connection opened over HTTP */
export const opened = (
  connectionSid: string,
  node: { nodeId: string; incarnation: number } | null = null,
  identity = 'ann',
  serviceSid = SERVICE,
): ReachabilityEvent => ({
  type: 'ConnectionOpened',
  data: {
    ...ids(identity, serviceSid),
    connectionSid,
    transport: node === null ? 'http' : 'stream',
    node,
    deviceId: `device of ${connectionSid}`,
    ttlSeconds: node === null ? 300 : null,
  },
});
export const closed = (connectionSid: string, lastSeenAt: string): ReachabilityEvent => ({
  type: 'ConnectionClosed',
  data: { ...ids('ann', SERVICE), connectionSid, cause: 'abrupt', lastSeenAt },
});
export const bound = (
  bindingSid: string,
  bindingType: 'apn' | 'fcm' | 'gcm' = 'fcm',
  identity = 'ann',
  serviceSid = SERVICE,
  endpoint = 'phone',
): ReachabilityEvent => ({
  type: 'BindingRegistered',
  data: {
    ...ids(identity, serviceSid),
    bindingSid,
    bindingType,
    address: `address of ${bindingSid}`,
    endpoint,
  },
});
export const unbound = (bindingSid: string): ReachabilityEvent => ({
  type: 'BindingRemoved',
  data: { ...ids('ann', SERVICE), bindingSid },
});
export const node = (
  type: 'NodeStarted' | 'NodeLost' | 'NodeStopped',
  incarnation: number,
  nodeId = 'n',
): ReachabilityEvent => ({ type, data: { nodeId, incarnation } });

function streamOf({ data }: ReachabilityEvent): string {
  if ('nodeId' in data) return nodeStream(data.nodeId);
  if ('keySid' in data) return apiKeyStream(data.keySid);
  return 'userSid' in data ? userStream(data.userSid) : serviceStream(data.serviceSid);
}

/** Events of a whole log, one a minute. */
export function recorded(history: readonly ReachabilityEvent[]): RecordedEvent[] {
  const streams = history.map(streamOf);
  return history.map((event, index) => ({
    ...reachabilityRegistry.encode(event),
    id: `event ${index}`,
    metadata: {
      occurredAt: minute(index),
      correlationId: 'history',
      causationId: `command ${index}`,
      actor: 'cli',
    },
    stream: streamOf(event),
    revision: streams.slice(0, index).filter((stream) => stream === streams[index]).length,
    position: place(index),
  }));
}

/** Position of the nth event of a history. */
export const place = (n: number): string => String(n + 1).padStart(8, '0');

/** States of the `users` projection after a history. */
export async function statesAfter(
  ...history: readonly ReachabilityEvent[]
): Promise<ReadonlyMap<string, UsersState | null>> {
  const nothing = () => Promise.resolve(new Map<string, UsersState>());
  return (await foldBatch(usersProjection, nothing, recorded(history), START)).changes;
}

/** Ann's row after a history; null if there is none. */
export async function annAfter(...history: readonly ReachabilityEvent[]): Promise<UserRow | null> {
  const state = (await statesAfter(...history)).get(userStream(userSid(SERVICE, 'ann')));
  return state?.kind === 'user' ? state : null;
}

/** The answer about Ann after a history; null if there is none. */
export async function answerAfter(
  ...history: readonly ReachabilityEvent[]
): Promise<ReachabilityAnswer | null> {
  const states = await statesAfter(...history);
  const service = states.get(serviceStream(SERVICE));
  const user = states.get(userStream(userSid(SERVICE, 'ann')));
  if (service?.kind !== 'service' || user?.kind !== 'user') return null;
  return answerFor(summarize(user), service);
}
