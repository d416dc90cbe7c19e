import type { GatewaySocket } from '../sockets/gateway-socket.ts';
import type { SessionHandle } from '../sessions/session-handle.ts';
import type { Watcher } from '../watching/watcher.ts';
import type { FrameErrorCode, ResyncReason, ServerFrame } from './server-frames.ts';
import type { Snapshot } from './snapshot.ts';
import type { WatchedSids } from './watch-list.ts';

/** A client as those see it who do what it asks. */
export interface AskingClient extends Watcher {
  /** Null before it is ready, and once it is over. */
  readonly session: SessionHandle | null;
  /** The socket that it has now; null while it has none. */
  readonly socket: GatewaySocket | null;
  /** Whether it has yet to read what waits for it. */
  readonly isBlocked: boolean;
  /** Sids of the Users on its watch-list. */
  readonly watched: WatchedSids;

  say(frame: ServerFrame): void;
  snapshot(snapshot: Snapshot): void;
  /**
   * Says what is wrong with a frame; the client goes on.
   *
   * @param users whom of the frame that is about; all where it is left out
   */
  refuse(
    id: number | undefined,
    code: FrameErrorCode | number,
    message: string,
    users?: readonly string[],
  ): void;
  /**
   * Lets it forget what it knows, and tells it how everybody stands whom it watches. Once is enough: whatever it
   * says of a version from before is of what it has forgotten.
   */
  resync(reason: ResyncReason): void;
  /** @param sids as the hub has them: shared with everybody else who watches */
  addWatched(sids: Iterable<string>): void;
  removeWatched(sids: Iterable<string>): void;
  bye(): void;
}
