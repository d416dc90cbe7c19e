import type { ReachabilityEvent } from '#domain';

/** Describes an event in a short sentence without a full stop and without the sid of its Service or User. */
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
    case 'TokensRevoked':
      return `Access tokens issued up to ${data.revokedAt} were revoked`;
    case 'ConnectionOpened': {
      const { connectionSid, transport, node, ttlSeconds } = data;
      const where = node === null ? '' : ` on ${node.nodeId}, start ${node.incarnation}`;
      const ttl = ttlSeconds === null ? '' : `, for ${ttlSeconds} s unless renewed`;
      return `Connection ${connectionSid} opened (${transport}${where}${ttl})`;
    }
    case 'ConnectionClosed':
      return `Connection ${data.connectionSid} closed (${data.cause}), client last seen ${data.lastSeenAt}`;
    case 'BindingRegistered':
      return `Binding ${data.bindingSid} registered (${data.bindingType})`;
    case 'BindingRemoved':
      return `Binding ${data.bindingSid} removed`;
    case 'ApiKeyCreated': {
      const { keySid, friendlyName, scopes, services, expiresAt } = data;
      const limit = services === null ? '' : `; limited to ${services.join(', ')}`;
      const end = expiresAt === null ? '' : `; ends ${expiresAt}`;
      return `API key ${keySid} ${quoted(friendlyName)} was created (${scopes.join(', ')}${limit}${end})`;
    }
    case 'ApiKeyRotated': {
      const { keySid, previousValidUntil } = data;
      const end = previousValidUntil === null ? 'at once' : previousValidUntil;
      return `API key ${keySid} was rotated; its old secret ends ${end}`;
    }
    case 'ApiKeyRevoked':
      return `API key ${data.keySid} was revoked`;
    case 'NodeStarted':
      return `Node ${data.nodeId} started, start ${data.incarnation}`;
    case 'NodeLost':
      return `Node ${data.nodeId} was lost, start ${data.incarnation}${lastSeenAlive(data)}`;
    case 'NodeStopped':
      return `Node ${data.nodeId} stopped, start ${data.incarnation}`;
  }
}

function lastSeenAlive({ lastAliveAt }: { readonly lastAliveAt?: string }): string {
  return lastAliveAt === undefined ? '' : `, last known to live ${lastAliveAt}`;
}

/** Quoted, without control characters: names come from clients, and terminals execute control sequences. */
function quoted(name: string): string {
  return JSON.stringify(name).replace(/[\u007f-\u009f]/g, '');
}
