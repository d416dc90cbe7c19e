import { nodeStream, reachabilityRegistry, serviceStream, userStream } from '#domain';
import type { EventStore, RecordedEvent } from '#event-store';
import type { AuditSubject } from './explain-user.ts';

/**
 * Everything that bears on one User: its stream, its Service's, and those of the nodes that held its Connections.
 * Empty of the User's events where the sid belongs to a User of another Service.
 *
 * @throws EventStoreError
 */
export async function readHistory(
  log: EventStore,
  { serviceSid, userSid }: AuditSubject,
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
