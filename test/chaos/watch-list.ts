import { flagOf, listOf, textOf, type Fields } from '../support/fields.ts';

/** State of a watched User as its watcher knows it. */
export interface KnownUser {
  readonly isOnline: boolean | null;
  readonly isNotifiable: boolean | null;
  readonly version: string;
}

interface ReportedUser extends KnownUser {
  readonly sid: string;
  /** Undefined in frames that carry the sid only. */
  readonly identity: string | undefined;
}

/** Receives every change of a watcher's state, and every violation of the protocol. */
export interface WatchListener {
  /** Whether the User is still watched; frames about other Users are ignored. */
  isWatched(identity: string): boolean;
  /**
   * @param isOnline undefined when the state is no longer known
   * @param isSnapshot whether the state comes from the read model, which may be behind
   */
  onChange(identity: string, isOnline: boolean | null | undefined, isSnapshot: boolean): void;
  onViolation(what: string): void;
}

/**
 * Folds the frames of the server as the protocol defines: for each User the state with the highest version, and the
 * watermark over all frames. It outlives sockets.
 */
export class WatchList {
  readonly #listener: WatchListener;
  readonly #users = new Map<string, KnownUser>();
  readonly #identities = new Map<string, string>();
  readonly #sids = new Map<string, string>();
  /** For each User the version that this socket sent last. */
  readonly #socketVersions = new Map<string, string>();
  watermark: string | null = null;

  constructor(listener: WatchListener) {
    this.#listener = listener;
  }

  /** Starts a new socket, whose versions are ordered on their own. */
  onNewSocket(): void {
    this.#socketVersions.clear();
  }

  /** State of a User by identity; undefined if no frame named it. */
  get(identity: string): KnownUser | undefined {
    return this.#users.get(this.#sids.get(identity) ?? '');
  }

  /** Drops the state of a User that is no longer watched. */
  forget(identity: string): void {
    this.#users.delete(this.#sids.get(identity) ?? '');
    this.#listener.onChange(identity, undefined, false);
  }

  /** @throws TypeError if a frame lacks a field that the protocol requires */
  read(frame: Fields): void {
    const version = typeof frame['version'] === 'string' ? frame['version'] : null;
    switch (frame['type']) {
      case 'snapshot':
        for (const user of listOf(frame['users'])) this.#update(parseUser(user), true);
        break;
      case 'change':
        this.#update(parseUser(frame), false);
        break;
      case 'gone':
        this.#update(parseUser({ ...frame, ...UNKNOWN }), false);
        break;
      case 'service':
        if (frame['reachability_enabled'] === false && version !== null)
          this.#disableBefore(version);
        break;
      case 'resync':
        this.#resync();
        return;
      default:
        return;
    }
    if (version === null) this.#listener.onViolation(`a ${frame['type']} frame without a version`);
    else if (this.watermark === null || version > this.watermark) this.watermark = version;
  }

  #update({ sid, identity, ...user }: ReportedUser, snapshot: boolean): void {
    const { version } = user;
    if (identity !== undefined) {
      this.#identities.set(sid, identity);
      this.#sids.set(identity, sid);
    }
    const previous = this.#socketVersions.get(sid);
    if (previous !== undefined && version < previous && !snapshot) {
      this.#listener.onViolation(`the version of ${sid} went back from ${previous} to ${version}`);
    }
    this.#socketVersions.set(sid, version);
    const current = this.#users.get(sid);
    if (current !== undefined && version < current.version) return;
    this.#set(sid, user, snapshot);
  }

  #disableBefore(version: string): void {
    for (const [sid, current] of this.#users) {
      if (current.version < version) {
        this.#set(sid, { isOnline: null, isNotifiable: null, version }, false);
      }
    }
  }

  #resync(): void {
    this.#socketVersions.clear();
    this.watermark = null;
    for (const sid of this.#users.keys()) this.forget(this.#identities.get(sid) ?? sid);
  }

  #set(sid: string, current: KnownUser, isSnapshot: boolean): void {
    const identity = this.#identities.get(sid);
    if (identity === undefined) {
      this.#listener.onViolation(`a change of the unknown User ${sid}`);
      return;
    }
    if (!this.#listener.isWatched(identity)) return;
    const before = this.#users.get(sid);
    this.#users.set(sid, current);
    if (before === undefined || before.isOnline !== current.isOnline) {
      this.#listener.onChange(identity, current.isOnline, isSnapshot);
    }
  }
}

const UNKNOWN = { is_online: null, is_notifiable: null };

function parseUser(fields: Fields): ReportedUser {
  return {
    sid: textOf(fields, 'sid'),
    identity: 'identity' in fields ? textOf(fields, 'identity') : undefined,
    isOnline: flagOf(fields, 'is_online'),
    isNotifiable: flagOf(fields, 'is_notifiable'),
    version: textOf(fields, 'version'),
  };
}
