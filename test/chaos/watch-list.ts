import { flagOf, listOf, textOf, type Fields } from '../support/fields.ts';

/** How a watched User stands as its watcher knows. */
export interface Known {
  readonly isOnline: boolean | null;
  readonly isNotifiable: boolean | null;
  readonly version: string;
}

interface Said extends Known {
  readonly sid: string;
  /** Undefined where the sid is to be known already. */
  readonly identity: string | undefined;
}

/** Told of every change of what a watcher knows, and of what the server should not have said. */
export interface WatchListener {
  /** Whether a User is watched: what is still said of others is nobody's business. */
  watches(identity: string): boolean;
  /** @param isOnline undefined where nothing is known any more */
  shows(identity: string, isOnline: boolean | null | undefined): void;
  wrong(what: string): void;
}

/**
 * What a watcher makes of the frames of the server, as the protocol says: of each User the answer with the highest
 * version, and the watermark of all that it was told. It outlives the sockets that tell it.
 */
export class WatchList {
  readonly #listener: WatchListener;
  readonly #known = new Map<string, Known>();
  readonly #identities = new Map<string, string>();
  readonly #sids = new Map<string, string>();
  /** Of each User the version that this socket told last. */
  readonly #told = new Map<string, string>();
  watermark: string | null = null;

  constructor(listener: WatchListener) {
    this.#listener = listener;
  }

  /** A socket takes over: its order is its own. */
  onNewSocket(): void {
    this.#told.clear();
  }

  /** How a User stands, by identity; undefined where nothing was said of it. */
  get(identity: string): Known | undefined {
    return this.#known.get(this.#sids.get(identity) ?? '');
  }

  /** Nobody watches a User any more: what is known of it grows old. */
  forget(identity: string): void {
    this.#known.delete(this.#sids.get(identity) ?? '');
    this.#listener.shows(identity, undefined);
  }

  /** @throws TypeError where a frame says less than the protocol has it say */
  read(frame: Fields): void {
    const version = typeof frame['version'] === 'string' ? frame['version'] : null;
    switch (frame['type']) {
      case 'snapshot':
        for (const user of listOf(frame['users'])) this.#learn(saidIn(user), true);
        break;
      case 'change':
        this.#learn(saidIn(frame), false);
        break;
      case 'gone':
        this.#learn(saidIn({ ...frame, ...NOTHING }), false);
        break;
      case 'service':
        if (frame['reachability_enabled'] === false && version !== null) this.#disabled(version);
        break;
      case 'resync':
        this.#resync();
        return;
      default:
        return;
    }
    if (version === null) this.#listener.wrong(`a ${frame['type']} without a version`);
    else if (this.watermark === null || version > this.watermark) this.watermark = version;
  }

  #learn({ sid, identity, ...said }: Said, snapshot: boolean): void {
    const { version } = said;
    if (identity !== undefined) {
      this.#identities.set(sid, identity);
      this.#sids.set(identity, sid);
    }
    const told = this.#told.get(sid);
    if (told !== undefined && version < told && !snapshot) {
      this.#listener.wrong(`the version of ${sid} went back from ${told} to ${version}`);
    }
    this.#told.set(sid, version);
    const known = this.#known.get(sid);
    if (known !== undefined && version < known.version) return;
    this.#set(sid, said);
  }

  #disabled(version: string): void {
    for (const [sid, known] of this.#known) {
      if (known.version < version) {
        this.#set(sid, { isOnline: null, isNotifiable: null, version });
      }
    }
  }

  #resync(): void {
    this.#told.clear();
    this.watermark = null;
    for (const sid of this.#known.keys()) this.forget(this.#identities.get(sid) ?? sid);
  }

  #set(sid: string, known: Known): void {
    const identity = this.#identities.get(sid);
    if (identity === undefined) {
      this.#listener.wrong(`a change of ${sid}, of whom nothing was said`);
      return;
    }
    if (!this.#listener.watches(identity)) return;
    const before = this.#known.get(sid);
    this.#known.set(sid, known);
    if (before === undefined || before.isOnline !== known.isOnline) {
      this.#listener.shows(identity, known.isOnline);
    }
  }
}

const NOTHING = { is_online: null, is_notifiable: null };

function saidIn(fields: Fields): Said {
  return {
    sid: textOf(fields, 'sid'),
    identity: 'identity' in fields ? textOf(fields, 'identity') : undefined,
    isOnline: flagOf(fields, 'is_online'),
    isNotifiable: flagOf(fields, 'is_notifiable'),
    version: textOf(fields, 'version'),
  };
}
