import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { hasReached, type EventStore, type Position } from '#event-store';
import type { UsersReadModel } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { Settings } from '#shared/settings/settings';
import { CLOCK, EVENT_STORE, STORES, USERS_READ_MODEL, type Clock } from '../injection-tokens.ts';
import type { StoreName } from '../store-errors.ts';
import { StoreMonitor } from './store-monitor.ts';
import { storePart, type StorePart } from './store-part.ts';

/** Why a process that has caught up must not get traffic. */
type Suspension = 'node_lost' | 'stopping';

/** Why a store makes the process unready. */
type StoreProblem =
  `${'event_store' | 'read_model' | 'database'}_unavailable` | 'event_store_unwritable';

/** Every status but `ok` means that the process must not get traffic. */
export interface ReadinessStatus {
  readonly status: 'ok' | 'starting' | 'catching_up' | 'log_restored' | StoreProblem | Suspension;
  /** With `log_restored`: which event the log lacks. With the problem of a store: what it is. */
  readonly reason?: string;
  /** How each store is, also while the process is ready. */
  readonly parts: Readonly<Partial<Record<StoreName, StorePart>>>;
}

/** Milliseconds for which a store may be away before the process is unready. */
const OUTAGE_MS = 5_000;
/** Stores without which no request can be answered. */
const NEEDED: readonly ('read_model' | 'database')[] = ['read_model', 'database'];

/**
 * Whether the process may get traffic: its port is open, the read model has reached the head that the log had when the
 * process started, no store is out of reach, and nothing suspends the process. Without its event store a process can still answer reads from
 * the read model; READY_WITHOUT_STORE decides whether it may. A read model that falls behind later does not make it
 * unready. All processes read the same read model, so a load balancer would be left with none; sockets hardly need it;
 * each answer that is behind says so; and the metrics show it.
 */
@Injectable()
export class Readiness implements OnApplicationBootstrap {
  #headAtStart: Position | null | undefined;
  #hasCaughtUpOnce = false;
  #isServing = false;
  #suspension: Suspension | null = null;
  /** Null unless the log was restored from an older copy, and the read model does not follow it yet. */
  #restoredReason: string | null;

  constructor(
    @Inject(EVENT_STORE) private readonly events: Pick<EventStore, 'head'>,
    @Inject(USERS_READ_MODEL) private readonly readModel: Pick<UsersReadModel, 'checkpoint'>,
    @Inject(STORES) { restored }: Pick<Stores, 'restored'>,
    @Inject(Settings) private readonly settings: Pick<Settings, 'READY_WITHOUT_STORE'>,
    @Inject(StoreMonitor) private readonly monitor: Pick<StoreMonitor, 'names' | 'healthOf'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#restoredReason = restored;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.#headAtStart = await this.events.head();
  }

  /** Lets the process be ready: clients can connect to it from now on. */
  startServing(): void {
    this.#isServing = true;
  }

  /** Makes the process unready until {@link resume}. */
  suspend(suspension: Suspension): void {
    this.#suspension = suspension;
  }

  resume(): void {
    this.#suspension = null;
  }

  /** Makes the process unready for good: the log went back while it ran. */
  suspendForRestoredLog(reason: string): void {
    this.#restoredReason = reason;
    this.#hasCaughtUpOnce = false;
    this.#headAtStart = undefined;
  }

  async status(): Promise<ReadinessStatus> {
    return { ...(await this.#status()), parts: this.#parts() };
  }

  async #status(): Promise<Omit<ReadinessStatus, 'parts'>> {
    const unreadable = NEEDED.find((store) => this.#isOutage(store));
    const isReady = unreadable === undefined && (await this.#hasCaughtUp());
    if (!isReady && this.#restoredReason !== null) {
      return { status: 'log_restored', reason: this.#restoredReason };
    }
    if (this.#suspension !== null) return { status: this.#suspension };
    if (!this.#isServing) return { status: 'starting' };
    if (unreadable !== undefined) {
      return { status: `${unreadable}_unavailable`, reason: this.#since(unreadable) };
    }
    const problem = this.settings.READY_WITHOUT_STORE ? null : this.#eventStoreProblem();
    return problem ?? { status: isReady ? 'ok' : 'catching_up' };
  }

  #eventStoreProblem(): Omit<ReadinessStatus, 'parts'> | null {
    if (this.#isOutage('event_store')) {
      return { status: 'event_store_unavailable', reason: this.#since('event_store') };
    }
    const health = this.monitor.healthOf('event_store');
    if (health?.state !== 'unwritable') return null;
    return { status: 'event_store_unwritable', reason: health.reason ?? 'unknown reason' };
  }

  #isOutage(store: StoreName): boolean {
    const health = this.monitor.healthOf(store);
    return health?.state === 'away' && this.clock().getTime() - health.since >= OUTAGE_MS;
  }

  /** The reason of an outage for everybody: what a client library says may contain addresses, so only the log has it. */
  #since(store: StoreName): string {
    const { since = 0 } = this.monitor.healthOf(store) ?? {};
    return `no answer since ${new Date(since).toISOString()}`;
  }

  #parts(): ReadinessStatus['parts'] {
    return Object.fromEntries(
      this.monitor.names.flatMap((name) => {
        const health = this.monitor.healthOf(name);
        return health === null ? [] : [[name, storePart(health)]];
      }),
    );
  }

  async #hasCaughtUp(): Promise<boolean> {
    if (this.#hasCaughtUpOnce || this.#headAtStart === undefined) return this.#hasCaughtUpOnce;
    const { position } = await this.readModel.checkpoint();
    this.#hasCaughtUpOnce = hasReached(position, this.#headAtStart);
    return this.#hasCaughtUpOnce;
  }
}
