import { describe, expect, it } from '@jest/globals';
import { START } from '#projections';
import type { NodeRow } from '#read-model';
import { ListNodesHandler, type ListedNode } from './list-nodes.ts';
import { ObservedLeases, type ObservedLease } from './observed-leases.ts';

const row = (nodeId: string, incarnation: number, running: boolean): NodeRow => ({
  kind: 'node',
  nodeId,
  incarnation,
  running,
});

const leaseOf = (nodeId: string, incarnation: number, since: number): ObservedLease => ({
  lease: { nodeId, incarnation, counter: 1 },
  since,
});

function list(rows: readonly NodeRow[], observed: readonly ObservedLease[]): Promise<ListedNode[]> {
  const leases = new ObservedLeases();
  leases.replace(observed);
  const readModel = { nodes: async () => ({ checkpoint: START, nodes: rows }) };
  return new ListNodesHandler(readModel, leases, () => 10_000).execute();
}

describe('The list of nodes', () => {
  it('has nodes of the log with the age of their leases, in order of ids', async () => {
    const nodes = await list([row('b', 3, true), row('a', 2, false)], [leaseOf('b', 3, 9_250)]);
    expect(nodes).toMatchObject([
      { nodeId: 'a', incarnation: 2, isRunning: false, lease: null },
      { nodeId: 'b', incarnation: 3, isRunning: true, lease: { ageMs: 750, details: null } },
    ]);
  });

  it('has a node whose start the read model does not show yet', async () => {
    expect(
      await list([row('a', 1, false)], [leaseOf('a', 2, 9_000), leaseOf('b', 1, 9_000)]),
    ).toMatchObject([
      { nodeId: 'a', incarnation: 2, isRunning: true },
      { nodeId: 'b', incarnation: 1, isRunning: true },
    ]);
  });

  it('shows a node as ended whose lease is not removed yet', async () => {
    expect(await list([row('a', 2, false)], [leaseOf('a', 2, 0)])).toMatchObject([
      { isRunning: false, lease: { ageMs: 10_000 } },
    ]);
  });
});
