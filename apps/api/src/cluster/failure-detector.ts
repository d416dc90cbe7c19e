import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { EventStore } from '#event-store';
import type { Lease, LeaseStore } from '#operational-state';
import { systemContext } from '#shared/use-cases/system-context';
import { BackgroundLoop } from '../platform/background-loop.ts';
import {
  EVENT_STORE,
  LEASE_STORE,
  MONOTONIC,
  type Monotonic,
} from '../platform/injection-tokens.ts';
import { LoseNode } from '../use-cases/nodes/lose-node.ts';
import { ObservedLeases, type ObservedLease } from '../use-cases/nodes/observed-leases.ts';
import { answerInTime } from './answer-in-time.ts';
import { CHECK_ANSWER_MS, CHECK_INTERVAL_MS, LEASE_MS, PAUSE_THRESHOLD_MS } from './lease-times.ts';
import { LocalNode } from './local-node.ts';
import { NodeMetrics } from './node-metrics.ts';

/**
 * Finds nodes that died without a stop, or that cannot reach the log or the leases. Every process runs it, in every role.
 * A node is lost when its lease has not changed for LEASE_MS while this process could read leases and log all the time:
 * what keeps all nodes from renewing keeps this one from judging. It uses only its own monotonic clock, so clock changes
 * and sleep disconnect no client.
 */
@Injectable()
export class FailureDetector extends BackgroundLoop {
  #lastCheckAt: number;

  constructor(
    private readonly commands: CommandBus,
    @Inject(LEASE_STORE) private readonly leases: LeaseStore,
    @Inject(MONOTONIC) private readonly monotonic: Monotonic,
    @Inject(LocalNode) private readonly localNode: Pick<LocalNode, 'current' | 'actor'>,
    private readonly metrics: NodeMetrics,
    @Inject(EVENT_STORE) private readonly log: Pick<EventStore, 'head'>,
    private readonly observations: ObservedLeases,
  ) {
    super({ name: 'Checking node leases', pauseMs: CHECK_INTERVAL_MS, isEnabled: true });
    this.#lastCheckAt = monotonic();
  }

  /** Reads all leases once and records the loss of nodes whose leases have expired. */
  async runOnce(): Promise<'idle'> {
    const before = this.#lastCheckAt;
    const now = this.monotonic();
    const [leases] = await Promise.all([
      this.leases.list(),
      answerInTime(this.log.head(), CHECK_ANSWER_MS),
    ]);
    // Only now: while leases or log cannot be read, leases are not renewed either. That counts like a pause.
    this.#lastCheckAt = now;
    // Leases that were read before or during a pause of this process may be out of date.
    const wasPaused = now - before > PAUSE_THRESHOLD_MS || this.monotonic() - now > CHECK_ANSWER_MS;
    const observed = leases.map((lease): ObservedLease => {
      const known = this.observations.find(lease.nodeId);
      const isSame = known !== undefined && !wasPaused && isUnchanged(known.lease, lease);
      return { lease, since: isSame ? known.since : now };
    });
    this.observations.replace(observed);
    const lost = observed.filter(
      ({ lease, since }) => now - since >= LEASE_MS && !this.#isLocal(lease),
    );
    await Promise.all(lost.map(({ lease }) => this.#recordLoss(lease)));
    return 'idle';
  }

  #isLocal({ nodeId, incarnation }: Lease): boolean {
    const local = this.localNode.current;
    return local?.nodeId === nodeId && local.incarnation === incarnation;
  }

  /** Any number of processes may find the same loss. The log accepts it once. */
  async #recordLoss({ nodeId, incarnation, renewedAt }: Lease): Promise<void> {
    const node = { nodeId, incarnation };
    const context = systemContext(this.localNode.actor);
    if (await this.commands.execute(new LoseNode({ node, lastSeenAt: renewedAt, context }))) {
      this.metrics.foundLost.inc();
      this.logger.warn(`Node ${nodeId}, incarnation ${incarnation}, is lost`);
    }
    await this.leases.remove(node);
  }
}

function isUnchanged(before: Lease, now: Lease): boolean {
  return before.incarnation === now.incarnation && before.counter === now.counter;
}
