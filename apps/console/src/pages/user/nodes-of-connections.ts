import { nullable, object, safeParse, string } from 'valibot';
import type { Explanation } from '../../api/schemas.ts';

const openedSchema = object({
  connectionSid: string(),
  node: nullable(object({ nodeId: string() })),
});

/** Returns the ids of nodes by the sids of the Connections that they opened, as far as the events of an answer say. */
export function nodesOfConnections({ events }: Explanation): ReadonlyMap<string, string> {
  const nodes = new Map<string, string>();
  for (const { type, data } of events) {
    if (type !== 'ConnectionOpened') continue;
    const { success, output } = safeParse(openedSchema, data);
    if (success && output.node !== null) nodes.set(output.connectionSid, output.node.nodeId);
  }
  return nodes;
}
