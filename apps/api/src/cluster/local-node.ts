import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { hasEnded, type Incarnation, type LastSeen, type ReachabilityEvent } from '#domain';
import type { LeaseStore } from '#operational-state';
import { takeNodeSlot, type NodeSlot } from '#shared/composition/node-slot';
import { Settings } from '#shared/settings/settings';
import {
  CLOCK,
  LEASE_STORE,
  MONOTONIC,
  type Clock,
  type Monotonic,
} from '../platform/injection-tokens.ts';
import { GetNodeState } from '../use-cases/nodes/get-node-state.ts';
import { StartNode } from '../use-cases/nodes/start-node.ts';
import { StopNode } from '../use-cases/nodes/stop-node.ts';
import { NodeMetrics } from './node-metrics.ts';
import { NodeLease, type NodeLeaseOptions } from './node-lease.ts';

/**
 * This process in the log: started before it accepts a socket, stopped after it has let go of the last. It shows a
 * lease for as long as it lives. Whoever finds the lease run out records the incarnation as lost, and this process
 * has to go on as another, without the sockets that it held.
 */
@Injectable()
export class LocalNode {
  readonly #logger = new Logger(LocalNode.name);
  readonly #keeping: NodeLeaseOptions;
  #slot: NodeSlot | null = null;
  #incarnation: Incarnation | null = null;
  #lease: NodeLease | null = null;
  #lost: () => void = () => undefined;

  constructor(
    @Inject(Settings) private readonly settings: Pick<Settings, 'DATA_DIR' | 'NODE_ID'>,
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    @Inject(LEASE_STORE) private readonly leases: LeaseStore,
    @Inject(MONOTONIC) monotonic: Monotonic,
    @Inject(CLOCK) clock: Clock,
    metrics: NodeMetrics,
  ) {
    this.#keeping = {
      store: leases,
      monotonic,
      clock,
      metrics,
      logger: this.#logger,
      late: async () => {
        await this.#lookUp();
      },
    };
  }

  /** Who holds the sockets of this process; null while nobody may: before the start, after a loss, after the end. */
  get current(): Incarnation | null {
    return this.#incarnation;
  }

  /** Who acts in commands that this process sends of its own accord. */
  get actor(): string {
    return this.#slot === null ? 'worker' : `node:${this.#slot.nodeId}`;
  }

  /** @param lost called when the others have given the running incarnation up, at most once for each */
  onLost(lost: () => void): void {
    this.#lost = lost;
  }

  /**
   * Takes a node id and begins an incarnation under it. That also records the loss of one before it that never
   * stopped: whoever has the id knows that its last holder is gone.
   *
   * @throws InvalidSettingError when the id is in use
   */
  async start(): Promise<void> {
    this.#slot = takeNodeSlot(this.settings);
    await this.#begin(this.#slot.nodeId);
  }

  /**
   * Begins another incarnation after a loss.
   *
   * @throws Error where a later incarnation runs: on another machine that uses the same event store and node id
   */
  async startAgain(): Promise<void> {
    if (this.#slot === null || this.#incarnation !== null) return;
    const { nodeId } = this.#slot;
    const state = await this.queries.execute(new GetNodeState(nodeId));
    if (state.running) {
      throw new Error(`NODE_ID ${nodeId} is in use elsewhere: incarnation ${state.incarnation}`);
    }
    await this.#begin(nodeId);
  }

  /**
   * Whether an incarnation of this process counts: what was recorded in its name up to now was recorded before
   * anybody gave it up. Asks the log only where the lease might have run out.
   */
  async holds(incarnation: Incarnation): Promise<boolean> {
    if (incarnation !== this.#incarnation) return false;
    if (this.#lease?.isHeld === true) return true;
    return this.#lookUp();
  }

  /** Takes an event of the log: the loss of this incarnation may be in it. */
  follow(event: ReachabilityEvent): void {
    if (event.type !== 'NodeLost' || this.#incarnation === null) return;
    const { nodeId, incarnation } = this.#incarnation;
    if (event.data.nodeId === nodeId && event.data.incarnation === incarnation) this.#loseIt();
  }

  /** Ends in good order where that can be recorded; where it cannot, others find the incarnation lost. */
  async stop(): Promise<void> {
    const incarnation = this.#incarnation;
    const lease = this.#lease;
    this.#incarnation = null;
    this.#lease = null;
    if (incarnation !== null) {
      const { nodeId } = incarnation;
      try {
        await lease?.end();
        await this.commands.execute(new StopNode({ node: incarnation, context: this.#context() }));
        await this.leases.remove(incarnation);
      } catch (error) {
        this.#logger.warn(`The stop of node ${nodeId} is not recorded: ${String(error)}`);
      }
    }
    this.#slot?.release();
    this.#slot = null;
  }

  async #begin(nodeId: string): Promise<void> {
    const lastSeen = await this.#findLastSeen(nodeId);
    const incarnation = await this.commands.execute(
      new StartNode({ nodeId, lastSeen, context: this.#context() }),
    );
    const lease = new NodeLease(this.#keeping, incarnation);
    await lease.begin();
    this.#incarnation = incarnation;
    this.#lease = lease;
    this.#logger.log(`Node ${nodeId}, incarnation ${incarnation.incarnation}`);
  }

  /**
   * When the process before this one last renewed its lease; null where the lease is gone, or cannot be read, which
   * does no further harm.
   */
  async #findLastSeen(nodeId: string): Promise<LastSeen | null> {
    try {
      const lease = (await this.leases.list()).find((known) => known.nodeId === nodeId);
      if (lease?.renewedAt === undefined) return null;
      return { incarnation: lease.incarnation, at: lease.renewedAt };
    } catch (error) {
      this.#logger.warn(`The lease that ${nodeId} left behind cannot be read: ${String(error)}`);
      return null;
    }
  }

  /** Whether the running incarnation has not ended by the log; acts on it where it has. */
  async #lookUp(): Promise<boolean> {
    const incarnation = this.#incarnation;
    if (incarnation === null) return false;
    const state = await this.queries.execute(new GetNodeState(incarnation.nodeId));
    // It may have been lost, or stopped, while the log was being read.
    if (incarnation !== this.#incarnation) return false;
    if (!hasEnded(state, incarnation.incarnation)) return true;
    this.#loseIt();
    return false;
  }

  #loseIt(): void {
    const lease = this.#lease;
    this.#incarnation = null;
    this.#lease = null;
    this.#keeping.metrics.fenced.inc();
    void lease?.end();
    this.#lost();
  }

  #context() {
    const commandId = randomUUID();
    return { commandId, correlationId: commandId, actor: this.actor };
  }
}
