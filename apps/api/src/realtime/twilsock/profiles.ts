import { Inject, Injectable } from '@nestjs/common';
import { EventStoreUnavailableError, type Position } from '#event-store';
import type { UsersReadModel } from '#read-model';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { USERS_READ_MODEL } from '../../platform/injection-tokens.ts';
import { LogFeed } from '../watching/log-feed.ts';
import type { UserItems } from './user-map.ts';

/** Milliseconds that reading profiles waits for the read model to have what the feed has told. */
const WAIT_MS = 2_000;

/** What a User says of itself. */
export interface Profile extends Pick<UserItems, 'attributes' | 'friendlyName'> {
  /** Place of the last event of the User that this takes in. */
  readonly position: Position;
}

/** Reads profiles that take in everything the feed has told so far: what comes later, it will tell. */
@Injectable()
export class Profiles {
  readonly #readModel: Pick<UsersReadModel, 'usersBySid'>;
  readonly #progress: ReadModelProgress;
  readonly #feed: LogFeed;

  constructor(
    @Inject(USERS_READ_MODEL) readModel: Pick<UsersReadModel, 'usersBySid'>,
    progress: ReadModelProgress,
    feed: LogFeed,
  ) {
    this.#readModel = readModel;
    this.#progress = progress;
    this.#feed = feed;
  }

  /**
   * Profiles of those Users of a Service that exist.
   *
   * @throws EventStoreUnavailableError when the read model is too far behind
   */
  async of(serviceSid: string, userSids: readonly string[]): Promise<ReadonlyMap<string, Profile>> {
    if (!(await this.#progress.waitFor(this.#feed.position, WAIT_MS))) {
      throw new EventStoreUnavailableError('The read model is behind');
    }
    const { users = [] } = (await this.#readModel.usersBySid(serviceSid, userSids)) ?? {};
    return new Map(
      users.map(({ sid, attributes, friendlyName, changedPosition }) => [
        sid,
        {
          attributes: { value: attributes },
          friendlyName: { value: friendlyName },
          position: changedPosition,
        },
      ]),
    );
  }
}
