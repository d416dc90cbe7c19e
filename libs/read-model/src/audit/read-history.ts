import { nodeStream, reachabilityRegistry, serviceStream, userStream } from '#domain';
import type { EventStore, RecordedEvent } from '#event-store';
import type { AuditedUser } from './explain-user.ts';

/**
 * Reads the streams of one User, its Service and the nodes of its Connections. Leaves out the User's events if it
 * belongs to another Service.
 *
 * @throws EventStoreError
 */
export async function readHistory(
  log: EventStore,
  { serviceSid, userSid }: AuditedUser,
): Promise<RecordedEvent[]> {
  const [service, user] = await Promise.all(
    [serviceStream(serviceSid), userStream(userSid)].map((stream) =>
      Array.fromAsync(log.readStream(stream)),
    ),
  );
  const own = (user ?? []).map((recorded) => ({
    recorded,
    event: reachabilityRegistry.decode(recorded),
  }));
  const isOfService = own.every(
    ({ event }) => 'serviceSid' in event.data && event.data.serviceSid === serviceSid,
  );
  if (!isOfService) return service ?? [];
  const nodeIds = new Set(
    own.flatMap(({ event }) =>
      event.type === 'ConnectionOpened' && event.data.node !== null ? [event.data.node.nodeId] : [],
    ),
  );
  const nodes = await Promise.all(
    [...nodeIds].map((nodeId) => Array.fromAsync(log.readStream(nodeStream(nodeId)))),
  );
  return [...(service ?? []), ...(user ?? []), ...nodes.flat()];
}
