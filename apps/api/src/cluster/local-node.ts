import { Inject, Injectable, Logger } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { hasEnded, type Incarnation, type LastSeen, type ReachabilityEvent } from '#domain';
import type { LeaseStore, NodeSlot, NodeSlots } from '#operational-state';
import { Settings } from '#shared/settings/settings';
import { systemContext } from '#shared/use-cases/system-context';
import {
  CLOCK,
  LEASE_STORE,
  MONOTONIC,
  NODE_SLOTS,
  type Clock,
  type Monotonic,
} from '../platform/injection-tokens.ts';
import { GetNodeState } from '../use-cases/nodes/get-node-state.ts';
import { StartNode } from '../use-cases/nodes/start-node.ts';
import { StopNode } from '../use-cases/nodes/stop-node.ts';
import { NodeLease, type NodeLeaseOptions } from './node-lease.ts';
import { NodeMetrics } from './node-metrics.ts';

/**
 * This process as a node in the log. It starts before the first socket is accepted and stops after the last has closed.
 * It renews a lease. When another process finds the lease expired and records NodeLost, this process starts a new
 * incarnation without its sockets.
 */
@Injectable()
export class LocalNode {
  readonly #logger = new Logger(LocalNode.name);
  readonly #leaseOptions: NodeLeaseOptions;
  #slot: NodeSlot | null = null;
  #incarnation: Incarnation | null = null;
  #lease: NodeLease | null = null;
  #lossListener: () => void = () => undefined;

  constructor(
    @Inject(Settings) private readonly settings: Pick<Settings, 'NODE_ID'>,
    @Inject(NODE_SLOTS) private readonly slots: NodeSlots,
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    @Inject(LEASE_STORE) private readonly leases: LeaseStore,
    @Inject(MONOTONIC) monotonic: Monotonic,
    @Inject(CLOCK) clock: Clock,
    private readonly metrics: NodeMetrics,
  ) {
    this.#leaseOptions = {
      store: leases,
      monotonic,
      clock,
      metrics,
      logger: this.#logger,
      onLateRenewal: async () => {
        await this.#checkNotEnded();
      },
    };
  }

  /** The running incarnation; null before the start, after a loss and after the stop. */
  get current(): Incarnation | null {
    return this.#incarnation;
  }

  /** The actor of commands that this process sends by itself. */
  get actor(): string {
    return this.#slot === null ? 'worker' : `node:${this.#slot.nodeId}`;
  }

  /** @param listener called at most once for each incarnation, when other processes have declared it lost */
  onLost(listener: () => void): void {
    this.#lossListener = listener;
  }

  /**
   * Takes a node id and starts an incarnation of that node. If the incarnation before it never stopped, this also
   * records its loss: the process that has the node id knows that the previous holder is gone.
   *
   * @throws NodeIdInUseError
   */
  async start(): Promise<void> {
    this.#slot = await this.slots.take(this.settings.NODE_ID ?? null);
    await this.#startIncarnation(this.#slot.nodeId);
  }

  /**
   * Starts another incarnation after a loss, of another node where a process has taken the id meanwhile.
   *
   * @throws NodeIdInUseError
   * @throws Error if a later incarnation runs: a process that shares nothing but the event store uses the node id
   */
  async restart(): Promise<void> {
    if (this.#slot === null || this.#incarnation !== null) return;
    if (!(await this.#slot.isHeld())) {
      await this.#slot.release();
      this.#slot = await this.slots.take(this.settings.NODE_ID ?? null);
    }
    const { nodeId } = this.#slot;
    const state = await this.queries.execute(new GetNodeState(nodeId));
    if (state.running) {
      throw new Error(`NODE_ID ${nodeId} is in use elsewhere: incarnation ${state.incarnation}`);
    }
    await this.#startIncarnation(nodeId);
  }

  /**
   * Returns whether an incarnation of this process still runs: all its events up to now were recorded before any loss
   * was. Reads the log only if the lease may have expired.
   */
  async stillHolds(incarnation: Incarnation): Promise<boolean> {
    if (incarnation !== this.#incarnation) return false;
    if (this.#lease?.isHeld === true) return true;
    return this.#checkNotEnded();
  }

  /** Takes an event of the log and handles the loss of the running incarnation. */
  onEvent(event: ReachabilityEvent): void {
    if (event.type !== 'NodeLost' || this.#incarnation === null) return;
    const { nodeId, incarnation } = this.#incarnation;
    if (event.data.nodeId === nodeId && event.data.incarnation === incarnation) this.#markLost();
  }

  /** Records the stop and frees the node id. If the stop cannot be recorded, other processes find the loss. */
  async stop(): Promise<void> {
    const incarnation = this.#incarnation;
    const lease = this.#lease;
    this.#incarnation = null;
    this.#lease = null;
    if (incarnation !== null) {
      const { nodeId } = incarnation;
      try {
        await lease?.stop();
        const context = systemContext(this.actor);
        await this.commands.execute(new StopNode({ node: incarnation, context }));
        await this.leases.remove(incarnation);
      } catch (error) {
        this.#logger.warn(`Cannot record the stop of node ${nodeId}: ${String(error)}`);
      }
    }
    await this.#slot?.release();
    this.#slot = null;
  }

  async #startIncarnation(nodeId: string): Promise<void> {
    const lastSeen = await this.#findLastSeen(nodeId);
    const incarnation = await this.commands.execute(
      new StartNode({ nodeId, lastSeen, context: systemContext(this.actor) }),
    );
    const lease = new NodeLease(this.#leaseOptions, incarnation);
    await lease.start();
    this.#incarnation = incarnation;
    this.#lease = lease;
    this.#logger.log(`Started node ${nodeId}, incarnation ${incarnation.incarnation}`);
  }

  /**
   * Returns when the previous process last renewed its lease; null if the lease is gone or cannot be read. The start
   * succeeds without it.
   */
  async #findLastSeen(nodeId: string): Promise<LastSeen | null> {
    try {
      const lease = (await this.leases.list()).find((known) => known.nodeId === nodeId);
      if (lease?.renewedAt === undefined) return null;
      return { incarnation: lease.incarnation, at: lease.renewedAt };
    } catch (error) {
      this.#logger.warn(`Cannot read the previous lease of node ${nodeId}: ${String(error)}`);
      return null;
    }
  }

  /** Returns whether the log shows the running incarnation as not ended. Handles the loss if it has ended. */
  async #checkNotEnded(): Promise<boolean> {
    const incarnation = this.#incarnation;
    if (incarnation === null) return false;
    const state = await this.queries.execute(new GetNodeState(incarnation.nodeId));
    // It may have been lost or stopped during the read.
    if (incarnation !== this.#incarnation) return false;
    if (!hasEnded(state, incarnation.incarnation)) return true;
    this.#markLost();
    return false;
  }

  #markLost(): void {
    const lease = this.#lease;
    this.#incarnation = null;
    this.#lease = null;
    this.metrics.fenced.inc();
    void lease?.stop();
    this.#lossListener();
  }
}
