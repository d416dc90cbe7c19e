import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { hasReached, type EventStore, type Position } from '#event-store';
import type { UsersReadModel } from '#read-model';
import { EVENT_STORE, USERS_READ_MODEL } from '../injection-tokens.ts';

/** Why a process that has caught up must not get traffic. */
type Suspension = 'node_lost' | 'stopping';

/**
 * Whether the process may get traffic: the read model has reached the head that the log had when the process started,
 * and nothing suspends the process. A read model that falls behind later does not make it unready. All processes read
 * the same read model, so a load balancer would be left with none; sockets hardly need it; each answer that is behind
 * says so; and the metrics show it.
 */
@Injectable()
export class Readiness implements OnApplicationBootstrap {
  #headAtStart: Position | null | undefined;
  #hasCaughtUpOnce = false;
  #suspension: Suspension | null = null;

  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel,
  ) {}

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

  async status(): Promise<'ok' | 'catching_up' | Suspension> {
    if (this.#suspension !== null) return this.#suspension;
    return (await this.#hasCaughtUp()) ? 'ok' : 'catching_up';
  }

  async #hasCaughtUp(): Promise<boolean> {
    if (this.#hasCaughtUpOnce || this.#headAtStart === undefined) return this.#hasCaughtUpOnce;
    const { position } = await this.readModel.checkpoint();
    this.#hasCaughtUpOnce = hasReached(position, this.#headAtStart);
    return this.#hasCaughtUpOnce;
  }
}
