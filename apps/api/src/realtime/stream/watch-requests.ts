import { resolveUserSid } from '#domain';
import type { SessionHandle } from '../sessions/session-handle.ts';
import type { ChangePublisher } from '../watching/change-publisher.ts';
import type { AskingClient } from './asking-client.ts';
import { resumePointFrom } from './resume-point.ts';
import type { ClientFrameOf } from './client-frames.ts';
import { Snapshot } from './snapshot.ts';

/** Of Users that a client names, whom it can watch. */
interface Fitting {
  readonly users: readonly string[];
  readonly sids: readonly string[];
  /** Sids of those that it does not watch yet. */
  readonly added: ReadonlySet<string>;
  /** For whom there is no room. */
  readonly refused: readonly string[];
}

/** Adds Users to watch-lists, and takes them off. */
export class WatchRequests {
  readonly #hub: ChangePublisher;
  readonly #most: number;

  /** @param most Users on one watch-list */
  constructor(hub: ChangePublisher, most: number) {
    this.#hub = hub;
    this.#most = most;
  }

  /**
   * Adds as many as there is room for, in the order in which they are named, and refuses the others.
   *
   * @throws EventStoreUnavailableError when nothing can be begun from, or compared with; nothing is added then
   */
  async watch(
    client: AskingClient,
    { serviceSid }: SessionHandle,
    { id, users: named, since }: ClientFrameOf<'watch'>,
  ): Promise<void> {
    const { socket } = client;
    const { users, sids, added, refused } = this.#fitting(client, serviceSid, named);
    if (refused.length > 0) {
      client.refuse(id, 'too_many_watched', `At most ${this.#most} Users can be watched`, refused);
    }
    if (users.length === 0) return;
    const from = since === undefined ? null : await resumePointFrom(this.#hub, since);
    await this.#hub.watchUsers(client, serviceSid, sids, (found) => {
      // A client that came back meanwhile says its watch again.
      if (client.session === null || client.socket !== socket) return;
      if (from?.since === null) client.resync(from.reason);
      client.addWatched(found.keys());
      client.snapshot(new Snapshot(id, users, from?.since ?? null));
    });
    this.#hub.unwatchUsers(
      client,
      serviceSid,
      [...added].filter((sid) => !client.watched.has(sid)),
    );
  }

  unwatch(
    client: AskingClient,
    { serviceSid }: SessionHandle,
    { id, users }: ClientFrameOf<'unwatch'>,
  ): void {
    const sids = users.map((user) => resolveUserSid(serviceSid, user));
    client.removeWatched(sids);
    this.#hub.unwatchUsers(client, serviceSid, sids);
    if (id !== undefined) client.say({ type: 'unwatched', id });
  }

  /** Whom of the Users that are named the client can watch. */
  #fitting({ watched }: AskingClient, serviceSid: string, named: readonly string[]): Fitting {
    const users: string[] = [];
    const sids: string[] = [];
    const added = new Set<string>();
    const refused: string[] = [];
    for (const user of named) {
      const sid = resolveUserSid(serviceSid, user);
      const isNew = !watched.has(sid) && !added.has(sid);
      if (isNew && watched.size + added.size >= this.#most) {
        refused.push(user);
        continue;
      }
      if (isNew) added.add(sid);
      users.push(user);
      sids.push(sid);
    }
    return { users, sids, added, refused };
  }
}
