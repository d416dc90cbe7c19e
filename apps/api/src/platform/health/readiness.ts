import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { hasReached, type EventStore, type Position } from '#event-store';
import type { UsersReadModel } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { EVENT_STORE, STORES, USERS_READ_MODEL } from '../injection-tokens.ts';

/** Why a process that has caught up must not get traffic. */
type Suspension = 'node_lost' | 'stopping';

/** `reason` comes with `log_restored`: which event the log lacks; and with `event_store_unwritable`. */
export interface ReadinessStatus {
  readonly status: 'ok' | 'catching_up' | 'log_restored' | 'event_store_unwritable' | Suspension;
  readonly reason?: string;
}

/**
 * Whether the process may get traffic: the read model has reached the head that the log had when the process started,
 * events can be written as far as is known, and nothing suspends the process. A read model that falls behind later does not make it unready. All processes read
 * the same read model, so a load balancer would be left with none; sockets hardly need it; each answer that is behind
 * says so; and the metrics show it.
 */
@Injectable()
export class Readiness implements OnApplicationBootstrap {
  #headAtStart: Position | null | undefined;
  #hasCaughtUpOnce = false;
  #suspension: Suspension | null = null;
  /** Null unless the log was restored from an older copy, and the read model does not follow it yet. */
  #restoredReason: string | null;

  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel,
    @Inject(STORES) { restored }: Pick<Stores, 'restored'>,
  ) {
    this.#restoredReason = restored;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.#headAtStart = await this.events.head();
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
    const isReady = await this.#hasCaughtUp();
    if (!isReady && this.#restoredReason !== null) {
      return { status: 'log_restored', reason: this.#restoredReason };
    }
    if (this.#suspension !== null) return { status: this.#suspension };
    const { state, reason } = this.events.health;
    if (state === 'unwritable' && reason !== null) {
      return { status: 'event_store_unwritable', reason };
    }
    return { status: isReady ? 'ok' : 'catching_up' };
  }

  async #hasCaughtUp(): Promise<boolean> {
    if (this.#hasCaughtUpOnce || this.#headAtStart === undefined) return this.#hasCaughtUpOnce;
    const { position } = await this.readModel.checkpoint();
    this.#hasCaughtUpOnce = hasReached(position, this.#headAtStart);
    return this.#hasCaughtUpOnce;
  }
}
