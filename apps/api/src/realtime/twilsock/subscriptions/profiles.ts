import { Inject, Injectable } from '@nestjs/common';
import { EventStoreUnavailableError, type Position } from '#event-store';
import type { UsersReadModel } from '#read-model';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { USERS_READ_MODEL } from '../../../platform/injection-tokens.ts';
import { LogFeed } from '../../watching/log-feed.ts';
import type { UserItems } from '../user-map.ts';

/** Milliseconds that a read waits for the read model to reach the position of the log feed. */
const WAIT_MS = 2_000;

/** Name and attributes of a User. */
export interface Profile extends Pick<UserItems, 'attributes' | 'friendlyName'> {
  /** Position of the User's last event that is included. */
  readonly position: Position;
}

/** Reads profiles that include every event the log feed has published; the feed publishes later ones. */
@Injectable()
export class Profiles {
  constructor(
    @Inject(USERS_READ_MODEL) private readonly readModel: Pick<UsersReadModel, 'profilesBySid'>,
    private readonly progress: ReadModelProgress,
    private readonly feed: LogFeed,
  ) {}

  /**
   * Returns the profiles of the given Users that exist, by sid.
   *
   * @throws EventStoreUnavailableError when the read model is too far behind
   */
  async of(serviceSid: string, userSids: readonly string[]): Promise<ReadonlyMap<string, Profile>> {
    if (!(await this.progress.waitFor(this.feed.position, WAIT_MS))) {
      throw new EventStoreUnavailableError('The read model is behind');
    }
    const found = await this.readModel.profilesBySid(serviceSid, userSids);
    return new Map(
      found.map(({ sid, attributes, friendlyName, changedPosition }) => [
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
