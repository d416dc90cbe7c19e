import type { Counter } from 'prom-client';
import type { SlowReaders } from '../sockets/slow-readers.ts';
import { SocketWriter, type Recipient, type WritableSocket } from '../sockets/socket-writer.ts';
import type { ServiceFacts, UserFacts } from '../watching/user-facts.ts';
import type { ChangePublisher } from '../watching/change-publisher.ts';
import type { PublishedChange } from '../watching/watched.ts';
import type { ServerFrame } from './server-frames.ts';
import type { SharedFrames } from './shared-frames.ts';
import type { Snapshot } from './snapshot.ts';
import { textFrame } from './text-frame.ts';
import type { WatchedSids } from './watch-list.ts';

/** What the outboxes of a process share. */
export interface OutboundQueueContext {
  readonly hub: ChangePublisher;
  readonly frames: SharedFrames;
  readonly slowReaders: SlowReaders;
  readonly coalesced: Counter;
}

/** Whose outbox it is. */
export interface WatchingRecipient extends Recipient {
  readonly serviceSid: string;
  /** Sids of the Users on its watch-list. */
  readonly watched: WatchedSids;
}

/**
 * What goes to one client. While little waits in its socket, frames go straight there. Once the socket takes no more,
 * no change is queued: all that is kept is the version up to which everything was told, and when the client has read
 * on, the last state of whatever was told to watchers since is looked up, in the order of the log. That is just what
 * a client is told that comes back with a version; so it, too, misses only what was overtaken.
 */
export class OutboundQueue extends SocketWriter<WatchingRecipient> {
  readonly #context: OutboundQueueContext;
  /** Version after which nothing has been told yet; null while everything has been. */
  #toldUpTo: string | null = null;
  #snapshots: Snapshot[] | null = null;

  constructor(context: OutboundQueueContext, recipient: WatchingRecipient) {
    super(context.slowReaders, recipient);
    this.#context = context;
  }

  /** Whether something waits for the client to read on. */
  get isBlocked(): boolean {
    return this.isStalled || this.#toldUpTo !== null || this.#snapshots !== null;
  }

  /** Goes to this socket from now on, beginning after a version; null where everything before is known. */
  attach(socket: WritableSocket, toldUpTo: string | null): void {
    this.detach();
    this.useSocket(socket);
    this.#toldUpTo = toldUpTo;
  }

  /** Has no socket to go to, and forgets what waited. */
  detach(): void {
    this.leaveSocket();
    this.#toldUpTo = null;
    this.#snapshots = null;
  }

  /** Says something that is no change, at once. */
  say(frame: ServerFrame): void {
    this.send(textFrame(JSON.stringify(frame)));
  }

  userChanged(facts: UserFacts): void {
    if (this.#takesMore()) this.send(this.#context.frames.changed(facts));
  }

  userCreated(facts: UserFacts): void {
    if (this.#takesMore()) this.send(this.#context.frames.appeared(facts));
  }

  userDeleted(sid: string, version: string): void {
    if (this.#takesMore()) this.say({ type: 'gone', sid, version });
  }

  serviceChanged(facts: ServiceFacts): void {
    if (this.#takesMore()) this.send(this.#context.frames.switched(facts));
  }

  snapshot(snapshot: Snapshot): void {
    (this.#snapshots ??= []).push(snapshot);
    this.flush();
  }

  /** Tells what waits, as far as the socket takes it: changes first, for snapshots are of later. */
  override flush(): void {
    const { hub } = this.#context;
    if (!this.hasSocket || this.isStalled) return;
    if (hub.isPublishing) {
      void hub.settled().then(() => {
        this.flush();
        this.recipient.hasRead();
      });
      return;
    }
    this.#tellChanges();
    this.#tellSnapshots();
  }

  /** Whether a change can be told at once; where not, it will be told with the others that wait. */
  #takesMore(): boolean {
    if (!this.hasSocket) return false;
    if (!this.isBlocked) return true;
    this.#toldUpTo ??= this.#context.hub.version;
    this.#context.coalesced.inc();
    return false;
  }

  #tellChanges(): void {
    if (this.#toldUpTo === null) return;
    const { hub } = this.#context;
    const { serviceSid, watched } = this.recipient;
    for (const told of hub.changesSince(serviceSid, watched, this.#toldUpTo)) {
      // What came with one event goes together: it has one version.
      if (this.isStalled && told.at !== this.#toldUpTo) return;
      this.#toldUpTo = told.at;
      this.#tell(told);
    }
    this.#toldUpTo = null;
  }

  #tell(told: PublishedChange): void {
    const { frames } = this.#context;
    if (told.kind === 'userDeleted')
      this.say({ type: 'gone', sid: told.sid, version: told.version });
    else if (told.kind === 'serviceChanged') this.send(frames.switched(told.facts));
    // While a snapshot waits, the sid may be news.
    else if (told.kind === 'userChanged' && this.#snapshots === null) {
      this.send(frames.changed(told.facts));
    } else this.send(frames.appeared(told.facts));
  }

  #tellSnapshots(): void {
    const { hub } = this.#context;
    for (let first = this.#snapshots?.[0]; first !== undefined; first = this.#snapshots?.[0]) {
      if (this.isStalled) return;
      this.send(textFrame(first.nextFrame(hub, this.recipient.serviceSid)));
      if (first.isDone) this.#snapshots?.shift();
    }
    this.#snapshots = null;
  }
}
