import { resolveUserSid } from '#domain';
import type { Session } from '../session.ts';
import type { WatchHub } from '../watch-hub.ts';
import type { AskingClient } from './asking-client.ts';
import { beginningFrom } from './beginning.ts';
import type { ClientFrameOf } from './client-frames.ts';
import { Snapshot } from './snapshot.ts';

/** Adds Users to watch-lists, and takes them off. */
export class Watching {
  readonly #hub: WatchHub;
  readonly #most: number;

  /** @param most Users on one watch-list */
  constructor(hub: WatchHub, most: number) {
    this.#hub = hub;
    this.#most = most;
  }

  /** @throws EventStoreUnavailableError when nothing can be begun from, or compared with; nothing is added then */
  async watch(
    client: AskingClient,
    { serviceSid }: Session,
    { id, users, since }: ClientFrameOf<'watch'>,
  ): Promise<void> {
    const { socket } = client;
    const sids = users.map((user) => resolveUserSid(serviceSid, user));
    const added = new Set(sids.filter((sid) => !client.watched.has(sid)));
    if (client.watched.size + added.size > this.#most) {
      client.refuse(id, 'too_many_watched', `At most ${this.#most} Users can be watched`);
      return;
    }
    const from = since === undefined ? null : await beginningFrom(this.#hub, since);
    await this.#hub.watch(client, serviceSid, sids, (found) => {
      // A client that came back meanwhile says its watch again.
      if (client.session === null || client.socket !== socket) return;
      if (from?.since === null) client.resync(from.reason);
      client.addWatched(found.keys());
      client.snapshot(new Snapshot(id, users, from?.since ?? null));
    });
    this.#hub.unwatch(
      client,
      serviceSid,
      [...added].filter((sid) => !client.watched.has(sid)),
    );
  }

  unwatch(
    client: AskingClient,
    { serviceSid }: Session,
    { users }: ClientFrameOf<'unwatch'>,
  ): void {
    const sids = users.map((user) => resolveUserSid(serviceSid, user));
    client.removeWatched(sids);
    this.#hub.unwatch(client, serviceSid, sids);
  }
}
