import { Inject, Injectable, Logger } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { CommandContext } from '#event-store';
import { hasEnded, type Incarnation, type LastSeen, type ReachabilityEvent } from '#domain';
import type { LeaseStore, NodeSlot, NodeSlots } from '#operational-state';
import { PROGRAM_VERSION } from '#shared/program-version';
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
import { answerInTime } from './answer-in-time.ts';
import { LOG_ANSWER_MS } from './lease-times.ts';
import { NodeLease, type NodeLeaseOptions } from './node-lease.ts';
import { NodeMetrics } from './node-metrics.ts';

/** An incarnation to start, with the context of the command: repeated with the same one it has no second effect. */
interface Start extends Incarnation {
  readonly context: CommandContext;
}

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
  /** What the log may have recorded of a start that did not end: the next attempt continues it. */
  #starting: Start | null = null;
  #incarnation: Incarnation | null = null;
  #lease: NodeLease | null = null;
  #lossListener: () => void = () => undefined;
  #countConnections: () => number = () => 0;

  constructor(
    @Inject(Settings) private readonly settings: Pick<Settings, 'NODE_ID' | 'ROLE'>,
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
      describe: () => ({
        role: settings.ROLE,
        programVersion: PROGRAM_VERSION,
        connections: this.#countConnections(),
      }),
      beforeRenewal: async () => {
        await answerInTime(this.#checkNotEnded(), LOG_ANSWER_MS);
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

  /** @param count returns the number of Connections that this process holds */
  countConnectionsWith(count: () => number): void {
    this.#countConnections = count;
  }

  /**
   * Takes a node id and starts an incarnation of that node. If the incarnation before it never stopped, this also
   * records its loss: the process that has the node id knows that the previous holder is gone.
   *
   * @throws NodeIdInUseError
   */
  async start(): Promise<void> {
    const { nodeId } = (this.#slot = await this.slots.take(this.settings.NODE_ID ?? null));
    const { incarnation } = await this.queries.execute(new GetNodeState(nodeId));
    await this.#startIncarnation(this.#nextOf({ nodeId, incarnation }));
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
    const { incarnation, running } = await this.queries.execute(new GetNodeState(nodeId));
    const begun = this.#starting;
    const isOwn = begun?.nodeId === nodeId && begun.incarnation === incarnation;
    if (running && !isOwn) {
      throw new Error(`NODE_ID ${nodeId} is in use elsewhere: incarnation ${incarnation}`);
    }
    await this.#startIncarnation(running && isOwn ? begun : this.#nextOf({ nodeId, incarnation }));
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
    const ending = this.#incarnation ?? this.#starting;
    const lease = this.#lease;
    this.#incarnation = null;
    this.#starting = null;
    this.#lease = null;
    if (ending !== null) {
      const { nodeId, incarnation } = ending;
      await this.#tryTo(`record the stop of node ${nodeId}`, async () => {
        await lease?.stop();
        const context = systemContext(this.actor);
        await this.commands.execute(new StopNode({ node: { nodeId, incarnation }, context }));
        await this.leases.remove(ending);
      });
    }
    const slot = this.#slot;
    this.#slot = null;
    if (slot !== null) await this.#tryTo(`release node id ${slot.nodeId}`, () => slot.release());
  }

  async #tryTo(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#logger.warn(`Cannot ${what}: ${String(error)}`);
    }
  }

  #nextOf({ nodeId, incarnation }: Incarnation): Start {
    return { nodeId, incarnation: incarnation + 1, context: systemContext(this.actor) };
  }

  async #startIncarnation(start: Start): Promise<void> {
    const { nodeId, context } = start;
    const lastSeen = await this.#findLastSeen(nodeId);
    this.#starting = start;
    const incarnation = await this.commands.execute(new StartNode({ nodeId, lastSeen, context }));
    const lease = new NodeLease(this.#leaseOptions, incarnation);
    await lease.start();
    this.#starting = null;
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
