import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { reached, type EventStore, type Position } from '#event-store';
import type { UsersReadModel } from '#read-model';
import { EVENT_STORE, USERS_READ_MODEL } from '../injection-tokens.ts';

/** Why a process that has caught up is to be sent nothing all the same. */
export type Suspension = 'node_lost' | 'stopping';

/**
 * Ready means: the read model has caught up with the head that the log had when this process started, and the
 * process holds sockets or could. A read model that falls behind later changes nothing of that: every process reads
 * the same one, so a load balancer would be left with none, while sockets need it little, each answer that is behind
 * says so, and the metrics tell an operator.
 */
@Injectable()
export class Readiness implements OnApplicationBootstrap {
  readonly #events: EventStore;
  readonly #readModel: UsersReadModel;
  #headAtStart: Position | null | undefined;
  #reached = false;
  #suspension: Suspension | null = null;

  constructor(
    @Inject(EVENT_STORE) events: EventStore,
    @Inject(USERS_READ_MODEL) readModel: UsersReadModel,
  ) {
    this.#events = events;
    this.#readModel = readModel;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.#headAtStart = await this.#events.head();
  }

  /** Takes effect until {@link resume}. */
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
    if (this.#reached || this.#headAtStart === undefined) return this.#reached;
    const { position } = await this.#readModel.checkpoint();
    this.#reached = reached(position, this.#headAtStart);
    return this.#reached;
  }
}
