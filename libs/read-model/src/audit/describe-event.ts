import type { ReachabilityEvent } from '#domain';

/** An event as a short sentence for people, without its subject's sid and without a full stop. */
export function describeEvent({ type, data }: ReachabilityEvent): string {
  switch (type) {
    case 'ServiceCreated':
      return `Service ${quoted(data.friendlyName)} was created`;
    case 'ServiceUpdated':
      return `Service settings changed: ${Object.keys(data.changes).join(', ')}`;
    case 'ServiceDeleted':
      return 'Service was deleted';
    case 'ReachabilityEnabled':
      return 'Reachability was enabled for the Service';
    case 'ReachabilityDisabled':
      return 'Reachability was disabled for the Service';
    case 'UserCreated':
      return `User ${quoted(data.identity)} was created`;
    case 'UserUpdated':
      return `User changed: ${Object.keys(data.changes).join(', ')}`;
    case 'UserDeleted':
      return 'User was deleted';
    case 'ConnectionOpened': {
      const { connectionSid, transport, node, ttlSeconds } = data;
      const place = node === null ? '' : ` on ${node.nodeId}, start ${node.incarnation}`;
      const ttl = ttlSeconds === null ? '' : `, for ${ttlSeconds} s unless renewed`;
      return `Connection ${connectionSid} opened (${transport}${place}${ttl})`;
    }
    case 'ConnectionClosed':
      return `Connection ${data.connectionSid} closed (${data.cause}), client last seen ${data.lastSeenAt}`;
    case 'BindingRegistered':
      return `Binding ${data.bindingSid} registered (${data.bindingType})`;
    case 'BindingRemoved':
      return `Binding ${data.bindingSid} removed`;
    case 'NodeStarted':
      return `Node ${data.nodeId} started, start ${data.incarnation}`;
    case 'NodeLost':
      return `Node ${data.nodeId} was lost, start ${data.incarnation}${lastAlive(data)}`;
    case 'NodeStopped':
      return `Node ${data.nodeId} stopped, start ${data.incarnation}`;
  }
}

function lastAlive({ lastAliveAt }: { readonly lastAliveAt?: string }): string {
  return lastAliveAt === undefined ? '' : `, last known to live ${lastAliveAt}`;
}

/** In quotes, and without control characters: names come from clients, and a terminal obeys what it is sent. */
function quoted(name: string): string {
  return JSON.stringify(name).replace(/[\u007f-\u009f]/g, '');
}
