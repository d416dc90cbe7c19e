import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { NodeDetails } from '#operational-state';
import type { UsersReadModel } from '#read-model';
import { MONOTONIC, USERS_READ_MODEL, type Monotonic } from '../../platform/injection-tokens.ts';
import { ObservedLeases } from './observed-leases.ts';

/** A node by the log, and its lease as this process sees it. */
export interface ListedNode {
  readonly nodeId: string;
  readonly incarnation: number;
  /** False once the log says that the incarnation has stopped or was lost. */
  readonly isRunning: boolean;
  /** Null for a node without a lease. */
  readonly lease: {
    /** Milliseconds for which this process has seen no renewal, by its own monotonic clock. */
    readonly ageMs: number;
    /** ISO 8601 by the clock of the node; null where an older program holds the lease. */
    readonly renewedAt: string | null;
    readonly details: NodeDetails | null;
  } | null;
}

/** Every node that the log or a lease knows, in order of ids. */
export class ListNodes extends Query<readonly ListedNode[]> {}

@QueryHandler(ListNodes)
export class ListNodesHandler implements IQueryHandler<ListNodes> {
  constructor(
    @Inject(USERS_READ_MODEL) private readonly readModel: Pick<UsersReadModel, 'nodes'>,
    private readonly leases: ObservedLeases,
    @Inject(MONOTONIC) private readonly monotonic: Monotonic,
  ) {}

  async execute(): Promise<ListedNode[]> {
    const { nodes: rows } = await this.readModel.nodes();
    const now = this.monotonic();
    const nodes = new Map(
      rows.map(({ nodeId, incarnation, running }): [string, ListedNode] => [
        nodeId,
        { nodeId, incarnation, isRunning: running, lease: null },
      ]),
    );
    for (const { lease, since } of this.leases.all) {
      const { nodeId, incarnation, renewedAt = null, details = null } = lease;
      const known = nodes.get(nodeId);
      // The read model may be behind the start of the incarnation. One that has ended leaves its lease for a moment.
      const isNewest = known === undefined || incarnation > known.incarnation;
      nodes.set(nodeId, {
        nodeId,
        incarnation: isNewest ? incarnation : known.incarnation,
        isRunning: isNewest || known.isRunning,
        lease: { ageMs: Math.max(0, Math.round(now - since)), renewedAt, details },
      });
    }
    return [...nodes.values()].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  }
}
