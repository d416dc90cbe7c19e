import { apiUrl, type ViewContext } from '#twilio-wire/view-context';
import { LEASE_MS } from '../../cluster/lease-times.ts';
import type { ListedNode } from '../../use-cases/nodes/list-nodes.ts';

/** A node as operators see it. What only its lease says is null without one. */
export function nodeJson(
  { nodeId, incarnation, isRunning, lease }: ListedNode,
  { accountSid, origin }: ViewContext,
) {
  const details = lease?.details ?? null;
  return {
    node_id: nodeId,
    account_sid: accountSid,
    incarnation,
    status: isRunning ? 'running' : 'ended',
    lease_status: lease === null ? 'none' : lease.ageMs < LEASE_MS ? 'held' : 'expired',
    lease_age_ms: lease?.ageMs ?? null,
    connections: details?.connections ?? null,
    role: details?.role ?? null,
    program_version: details?.programVersion ?? null,
    date_started: details?.startedAt ?? null,
    date_renewed: lease?.renewedAt ?? null,
    url: apiUrl(origin, 'Nodes', nodeId),
  };
}
