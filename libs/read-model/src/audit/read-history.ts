import { nodeStream, reachabilityRegistry, serviceStream, userStream } from '#domain';
import type { EventLog, RecordedEvent } from '#event-store';
import type { AuditedUser } from './explain-user.ts';

/**
 * Reads the streams of one User, its Service and the nodes of its Connections. Leaves out the User's events if it
 * belongs to another Service.
 *
 * @throws EventStoreError, UnknownEventTypeError, InvalidEventError
 */
export async function readHistory(
  log: Pick<EventLog, 'readStream'>,
  { serviceSid, userSid }: AuditedUser,
): Promise<RecordedEvent[]> {
  const history = await Array.fromAsync(log.readStream(serviceStream(serviceSid)));
  const nodeIds = new Set<string>();
  for await (const recorded of log.readStream(userStream(userSid))) {
    const { type, data } = reachabilityRegistry.decode(recorded);
    if (!('serviceSid' in data) || data.serviceSid !== serviceSid) return history;
    history.push(recorded);
    if (type === 'ConnectionOpened' && data.node !== null) nodeIds.add(data.node.nodeId);
  }
  for (const nodeId of nodeIds) {
    for await (const recorded of log.readStream(nodeStream(nodeId))) history.push(recorded);
  }
  return history;
}
