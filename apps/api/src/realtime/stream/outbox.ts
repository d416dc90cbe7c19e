import type { Counter } from 'prom-client';
import type { SlowReader, SlowReaders } from '../slow-readers.ts';
import type { ServiceFacts, UserFacts } from '../user-facts.ts';
import type { WatchHub } from '../watch-hub.ts';
import type { Told } from '../watched.ts';
import type { ServerFrame } from './server-frames.ts';
import type { SharedFrames } from './shared-frames.ts';
import type { Snapshot } from './snapshot.ts';
import { textFrame } from './text-frame.ts';
import type { WatchedSids } from './watch-list.ts';

/** What the outboxes of a process share. */
export interface OutboxContext {
  readonly hub: WatchHub;
  readonly frames: SharedFrames;
  readonly slowReaders: SlowReaders;
  readonly coalesced: Counter;
}

/** What of a socket it takes to write to it. */
export interface Outlet {
  readonly readyState: number;
  readonly OPEN: number;
  readonly transport: {
    readonly writableLength: number;
    /** False once so much waits that `drain` will say when to go on. */
    write(bytes: Buffer): boolean;
    once(event: 'drain', listener: () => void): unknown;
  } | null;
}

/** Whose outbox it is. */
export interface Recipient {
  readonly serviceSid: string;
  /** Sids of the Users on its watch-list. */
  readonly watched: WatchedSids;
  /** It has read some of what waited for it. */
  hasRead(): void;
  /** It has read nothing for too long. */
  tooSlow(): void;
}

/**
 * What goes to one client. While little waits in its socket, frames go straight there. Once the socket takes no more,
 * no change is queued: all that is kept is the version up to which everything was told, and when the client has read
 * on, the last state of whatever was told to watchers since is looked up, in the order of the log. That is just what
 * a client is told that comes back with a version; so it, too, misses only what was overtaken.
 */
export class Outbox implements SlowReader {
  readonly #context: OutboxContext;
  readonly #recipient: Recipient;
  #socket: Outlet | null = null;
  /** Version after which nothing has been told yet; null while everything has been. */
  #toldUpTo: string | null = null;
  #snapshots: Snapshot[] | null = null;
  /** Waits for the socket to take more. */
  #stalled = false;

  constructor(context: OutboxContext, recipient: Recipient) {
    this.#context = context;
    this.#recipient = recipient;
  }

  /** Whether something waits for the client to read on. */
  get isBlocked(): boolean {
    return this.#stalled || this.#toldUpTo !== null || this.#snapshots !== null;
  }

  get unread(): number {
    return this.#socket?.transport?.writableLength ?? 0;
  }

  /** Goes to this socket from now on, beginning after a version; null where everything before is known. */
  attach(socket: Outlet, toldUpTo: string | null): void {
    this.detach();
    this.#socket = socket;
    this.#toldUpTo = toldUpTo;
  }

  /** Has no socket to go to, and forgets what waited. */
  detach(): void {
    this.#socket = null;
    this.#toldUpTo = null;
    this.#snapshots = null;
    this.#stalled = false;
    this.#context.slowReaders.remove(this);
  }

  /** Says something that is no change, at once. */
  say(frame: ServerFrame): void {
    this.#write(textFrame(JSON.stringify(frame)));
  }

  changed(facts: UserFacts): void {
    if (this.#takesMore()) this.#write(this.#context.frames.changed(facts));
  }

  appeared(facts: UserFacts): void {
    if (this.#takesMore()) this.#write(this.#context.frames.appeared(facts));
  }

  gone(sid: string, version: string): void {
    if (this.#takesMore()) this.say({ type: 'gone', sid, version });
  }

  switched(facts: ServiceFacts): void {
    if (this.#takesMore()) this.#write(this.#context.frames.switched(facts));
  }

  snapshot(snapshot: Snapshot): void {
    (this.#snapshots ??= []).push(snapshot);
    this.flush();
  }

  /** Tells what waits, as far as the socket takes it: changes first, for snapshots are of later. */
  flush(): void {
    const { hub, slowReaders } = this.#context;
    if (this.#socket === null || this.#stalled) return;
    if (hub.isHalfTold) {
      void hub.whole().then(() => {
        this.flush();
        this.#recipient.hasRead();
      });
      return;
    }
    this.#tellChanges();
    this.#tellSnapshots();
    if (!this.isBlocked) slowReaders.remove(this);
  }

  tooSlow(): void {
    this.#recipient.tooSlow();
  }

  /** Whether a change can be told at once; where not, it will be told with the others that wait. */
  #takesMore(): boolean {
    if (this.#socket === null) return false;
    if (!this.isBlocked) return true;
    this.#toldUpTo ??= this.#context.hub.version;
    this.#context.coalesced.inc();
    return false;
  }

  #tellChanges(): void {
    if (this.#toldUpTo === null) return;
    const { hub } = this.#context;
    const { serviceSid, watched } = this.#recipient;
    for (const told of hub.toldAfter(serviceSid, watched, this.#toldUpTo)) {
      // What came with one event goes together: it has one version.
      if (this.#stalled && told.at !== this.#toldUpTo) return;
      this.#toldUpTo = told.at;
      this.#tell(told);
    }
    this.#toldUpTo = null;
  }

  #tell(told: Told): void {
    const { frames } = this.#context;
    if (told.kind === 'gone') this.say({ type: 'gone', sid: told.sid, version: told.version });
    else if (told.kind === 'switched') this.#write(frames.switched(told.facts));
    // While a snapshot waits, the sid may be news.
    else if (told.kind === 'changed' && this.#snapshots === null) {
      this.#write(frames.changed(told.facts));
    } else this.#write(frames.appeared(told.facts));
  }

  #tellSnapshots(): void {
    const { hub } = this.#context;
    for (let first = this.#snapshots?.[0]; first !== undefined; first = this.#snapshots?.[0]) {
      if (this.#stalled) return;
      this.#write(textFrame(first.nextFrame(hub, this.#recipient.serviceSid)));
      if (first.isDone) this.#snapshots?.shift();
    }
    this.#snapshots = null;
  }

  #write(frame: Buffer): void {
    const socket = this.#socket;
    if (socket === null || socket.readyState !== socket.OPEN) return;
    if (socket.transport?.write(frame) === false) this.#stall(socket);
  }

  #stall(socket: Outlet): void {
    if (this.#stalled) return;
    this.#stalled = true;
    this.#context.slowReaders.add(this);
    socket.transport?.once('drain', () => {
      if (this.#socket !== socket) return;
      this.#stalled = false;
      this.flush();
      this.#recipient.hasRead();
    });
  }
}
