import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { reached, type EventStore, type Position } from '#event-store';
import type { UsersReadModel } from '#read-model';
import { EVENT_STORE, USERS_READ_MODEL } from '../infrastructure/tokens.ts';

/** Ready means: the read model has caught up with the head that the log had when this process started. */
@Injectable()
export class Readiness implements OnApplicationBootstrap {
  readonly #events: EventStore;
  readonly #readModel: UsersReadModel;
  #headAtStart: Position | null | undefined;
  #reached = false;

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

  async isReady(): Promise<boolean> {
    if (this.#reached || this.#headAtStart === undefined) return this.#reached;
    const { position } = await this.#readModel.checkpoint();
    this.#reached = reached(position, this.#headAtStart);
    return this.#reached;
  }
}
