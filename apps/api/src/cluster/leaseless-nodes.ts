import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Incarnation } from '#domain';
import type { LeaseStore } from '#operational-state';
import type { UsersReadModel } from '#read-model';
import { Settings } from '#shared/settings/settings';
import { systemContext } from '#shared/use-cases/system-context';
import { BackgroundLoop } from '../platform/background-loop.ts';
import {
  LEASE_STORE,
  MONOTONIC,
  USERS_READ_MODEL,
  type Monotonic,
} from '../platform/injection-tokens.ts';
import { LoseNode } from '../use-cases/nodes/lose-node.ts';
import {
  LEASE_MS,
  LEASELESS_CHECK_INTERVAL_MS,
  LEASELESS_PAUSE_THRESHOLD_MS,
} from './lease-times.ts';
import { LocalNode } from './local-node.ts';
import { NodeMetrics } from './node-metrics.ts';

interface Leaseless {
  readonly incarnation: number;
  /** Since when it has had no lease, by the monotonic clock of this process. */
  readonly since: number;
  readonly isSettled: boolean;
}

/**
 * Finds nodes that run according to the log, but have no lease: those of another data folder, whose leases are lost with
 * its machine, or of a process that was killed between its start and its first lease. Such a node is lost after LEASE_MS,
 * as one whose lease does not change. A living node renews its lease, so it soon has one again where it was removed.
 */
@Injectable()
export class LeaselessNodes extends BackgroundLoop {
  /** By node id. */
  #leaseless: ReadonlyMap<string, Leaseless> = new Map();
  #lastCheckAt = -Infinity;

  constructor(
    @Inject(Settings) settings: Pick<Settings, 'ROLE'>,
    private readonly commands: CommandBus,
    @Inject(USERS_READ_MODEL) private readonly readModel: Pick<UsersReadModel, 'nodes'>,
    @Inject(LEASE_STORE) private readonly leases: Pick<LeaseStore, 'list'>,
    @Inject(MONOTONIC) private readonly monotonic: Monotonic,
    @Inject(LocalNode) private readonly localNode: Pick<LocalNode, 'actor'>,
    private readonly metrics: NodeMetrics,
  ) {
    super({
      name: 'Looking for nodes without a lease',
      pauseMs: LEASELESS_CHECK_INTERVAL_MS,
      isEnabled: settings.ROLE !== 'api',
    });
  }

  /** Looks once, and records the loss of nodes that have had no lease for LEASE_MS. */
  async runOnce(): Promise<'idle'> {
    const { nodes } = await this.readModel.nodes();
    const leased = new Set((await this.leases.list()).map(({ nodeId }) => nodeId));
    const now = this.monotonic();
    const wasPaused = now - this.#lastCheckAt > LEASELESS_PAUSE_THRESHOLD_MS;
    this.#lastCheckAt = now;
    const found = new Map<string, Leaseless>();
    for (const { nodeId, incarnation, running } of nodes) {
      if (!running || leased.has(nodeId)) continue;
      const before = this.#leaseless.get(nodeId);
      const isSame = before?.incarnation === incarnation && (before.isSettled || !wasPaused);
      const entry = isSame ? before : { incarnation, since: now, isSettled: false };
      const isLost = !entry.isSettled && now - entry.since >= LEASE_MS;
      if (isLost) await this.#recordLoss({ nodeId, incarnation });
      found.set(nodeId, isLost ? { ...entry, isSettled: true } : entry);
    }
    this.#leaseless = found;
    return 'idle';
  }

  /** The node may have stopped meanwhile, where the read model is behind. The log accepts no loss then. */
  async #recordLoss(node: Incarnation): Promise<void> {
    const context = systemContext(this.localNode.actor);
    if (await this.commands.execute(new LoseNode({ node, lastSeenAt: undefined, context }))) {
      this.metrics.foundLost.inc();
      this.logger.warn(
        `Node ${node.nodeId}, incarnation ${node.incarnation}, is lost: it has no lease`,
      );
    }
  }
}
