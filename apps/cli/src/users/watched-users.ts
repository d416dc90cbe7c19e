import { serviceStream, userStream } from '#domain';
import type { Position } from '#event-store';
import {
  answerOf,
  formatVersion,
  type ReachabilityAnswer,
  type ReachabilityChange,
  type UsersReadModel,
} from '#read-model';

/** The reachability of a watched User. */
export interface WatchedFacts {
  readonly sid: string;
  readonly identity: string;
  readonly is_online: boolean | null;
  readonly is_notifiable: boolean | null;
  readonly version: string;
}

/** A change of a watched User. */
export interface WatchedChange {
  readonly facts: WatchedFacts;
  /** True if the User or its Service was deleted. */
  readonly deleted: boolean;
  /** Effective time of the event that caused it, ISO 8601. */
  readonly time: string;
  /** Type of that event. */
  readonly event: string;
}

/** What is known of some Users of a Service: loaded from the read model once, then kept up to date by its changes. */
export class WatchedUsers {
  /** Position up to which the loaded facts include everything. */
  readonly position: Position | null;
  readonly #epoch: string;
  readonly #sids: ReadonlySet<string>;
  readonly #facts = new Map<string, WatchedFacts>();

  private constructor(position: Position | null, epoch: string, sids: ReadonlySet<string>) {
    this.position = position;
    this.#epoch = epoch;
    this.#sids = sids;
  }

  /** Returns the Users with these sids, as the read model has them. */
  static async load(
    readModel: Pick<UsersReadModel, 'loadStates'>,
    serviceSid: string,
    userSids: readonly string[],
    epoch: string,
  ): Promise<WatchedUsers> {
    const key = serviceStream(serviceSid);
    const loaded = await readModel.loadStates([key, ...userSids.map(userStream)]);
    const watched = new WatchedUsers(loaded.checkpoint.position, epoch, new Set(userSids));
    const service = loaded.states.get(key) ?? null;
    for (const sid of watched.#sids) {
      const user = loaded.states.get(userStream(sid)) ?? null;
      const answer = answerOf(user, service);
      if (answer !== null && user?.kind === 'user') watched.#set(sid, user.identity, answer);
    }
    return watched;
  }

  /** Returns the Users that exist. */
  current(): WatchedFacts[] {
    return [...this.#sids].flatMap((sid) => this.#facts.get(sid) ?? []);
  }

  /** Applies the next change of the Service; returns what it changes for the watched Users. */
  apply(change: ReachabilityChange): WatchedChange[] {
    const { at: time, cause, position } = change;
    const origin = { time, event: cause.type };
    if (change.kind === 'user') {
      if (!this.#sids.has(change.sid)) return [];
      const { sid, identity, answer } = change;
      const before = this.#facts.get(sid);
      if (answer !== null) {
        return [{ facts: this.#set(sid, identity, answer), deleted: false, ...origin }];
      }
      this.#facts.delete(sid);
      return before === undefined ? [] : [{ facts: before, deleted: true, ...origin }];
    }
    const version = formatVersion(this.#epoch, position);
    return this.current().flatMap((before): WatchedChange[] => {
      if (change.deleted) return [{ facts: before, deleted: true, ...origin }];
      const facts = { ...before, is_online: null, is_notifiable: null, version };
      this.#facts.set(facts.sid, facts);
      return before.is_online === null ? [] : [{ facts, deleted: false, ...origin }];
    });
  }

  #set(sid: string, identity: string, answer: ReachabilityAnswer): WatchedFacts {
    const facts = {
      sid,
      identity,
      is_online: answer.isOnline,
      is_notifiable: answer.isNotifiable,
      version: formatVersion(this.#epoch, answer.position),
    };
    this.#facts.set(sid, facts);
    return facts;
  }
}
