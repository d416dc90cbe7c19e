import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '#shared/settings/settings';
import { KeyedCounter } from '../../platform/keyed-counter.ts';

/**
 * Counts the Users that the clients of each User watch through this process, over all their sockets and in any
 * protocol. A name that two of them watch counts twice.
 */
@Injectable()
export class WatchQuota {
  /** Maximum for each User. */
  readonly max: number;
  readonly #watched: KeyedCounter;

  constructor(@Inject(Settings) settings: Pick<Settings, 'WATCHED_USERS_PER_USER'>) {
    this.max = settings.WATCHED_USERS_PER_USER;
    this.#watched = new KeyedCounter(this.max);
  }

  /** Returns how many more the clients of a User may watch. */
  roomOf({ userSid }: { readonly userSid: string }): number {
    return this.#watched.roomOf(userSid);
  }

  /** Counts so many more, or fewer if negative. Check {@link roomOf} before. */
  adjust({ userSid }: { readonly userSid: string }, by: number): void {
    this.#watched.adjust(userSid, by);
  }
}
