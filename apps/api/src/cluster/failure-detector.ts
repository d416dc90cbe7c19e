import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Lease, LeaseStore } from '#operational-state';
import { LEASE_STORE, MONOTONIC, type Monotonic } from '../platform/injection-tokens.ts';
import { LoseNode } from '../use-cases/nodes/lose-node.ts';
import { GAP_MS, LEASE_MS, LOOK_EVERY_MS } from './lease-times.ts';
import { NodeMetrics } from './node-metrics.ts';
import { LocalNode } from './local-node.ts';

interface Watched {
  readonly lease: Lease;
  /** On the own monotonic clock: since when the lease has been seen as it is. */
  readonly since: number;
}

/**
 * Finds nodes that have died without a word. Every process does, whatever its role, by the one clock that it can
 * trust: a lease that has not moved for its whole length, while this process itself was looking all the time, is
 * lost. A clock that is set, or a machine that sleeps, costs nobody its sockets.
 */
@Injectable()
export class FailureDetector implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(FailureDetector.name);
  readonly #abort = new AbortController();
  /** By node id. */
  #watched: ReadonlyMap<string, Watched> = new Map();
  #lookedAt: number;
  #running: Promise<void> | null = null;

  constructor(
    private readonly commands: CommandBus,
    @Inject(LEASE_STORE) private readonly leases: LeaseStore,
    @Inject(MONOTONIC) private readonly monotonic: Monotonic,
    @Inject(LocalNode) private readonly own: Pick<LocalNode, 'current' | 'actor'>,
    private readonly metrics: NodeMetrics,
  ) {
    this.#lookedAt = monotonic();
  }

  onApplicationBootstrap(): void {
    this.#running ??= this.#run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  /** Looks at every lease once, and records the loss of those that have run out. */
  async look(): Promise<void> {
    const before = this.#lookedAt;
    const now = this.monotonic();
    this.#lookedAt = now;
    const leases = await this.leases.list();
    // What was read by a process that was stopped meanwhile may be long out of date.
    const wasStopped = now - before > GAP_MS || this.monotonic() - now > GAP_MS;
    const seen = leases.map((lease): Watched => {
      const known = this.#watched.get(lease.nodeId);
      const isSame = known !== undefined && !wasStopped && isUnchanged(known.lease, lease);
      return { lease, since: isSame ? known.since : now };
    });
    this.#watched = new Map(seen.map((watched) => [watched.lease.nodeId, watched]));
    const lost = seen.filter(({ lease, since }) => now - since >= LEASE_MS && !this.#isOwn(lease));
    await Promise.all(lost.map(({ lease }) => this.#record(lease)));
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await this.look();
      } catch (error) {
        this.#logger.error(`Node leases cannot be watched: ${String(error)}`);
      }
      await delay(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  #isOwn({ nodeId, incarnation }: Lease): boolean {
    const own = this.own.current;
    return own?.nodeId === nodeId && own.incarnation === incarnation;
  }

  /** Any number of processes may find the same; the log takes it once. */
  async #record({ nodeId, incarnation, renewedAt }: Lease): Promise<void> {
    const commandId = randomUUID();
    const context = { commandId, correlationId: commandId, actor: this.own.actor };
    const node = { nodeId, incarnation };
    if (await this.commands.execute(new LoseNode({ node, lastSeenAt: renewedAt, context }))) {
      this.metrics.foundLost.inc();
      this.#logger.warn(`Node ${nodeId} is lost, incarnation ${incarnation}`);
    }
    await this.leases.remove(node);
  }
}

function isUnchanged(before: Lease, now: Lease): boolean {
  return before.incarnation === now.incarnation && before.counter === now.counter;
}
