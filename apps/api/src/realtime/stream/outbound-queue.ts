import type { Counter } from 'prom-client';
import { textFrame } from '../sockets/message-frame.ts';
import type { SocketWriter } from '../sockets/socket-writer.ts';
import type { ChangePublisher } from '../watching/change-publisher.ts';
import type { ServiceReachability, UserReachability } from '../watching/reachability.ts';
import type { PublishedChange } from '../watching/watched-user.ts';
import type { Viewer } from '../watching/viewer.ts';
import type { Watcher } from '../watching/watcher.ts';
import type { SharedFrames } from './shared-frames.ts';
import type { SnapshotReader, WatchSnapshot } from './watch-snapshot.ts';

/** Shared by the outbound queues of all clients. */
interface OutboundContext {
  readonly publisher: ChangePublisher;
  readonly frames: SharedFrames;
  readonly coalesced: Counter;
}

/**
 * Changes and snapshots for one client. Writes changes at once while the socket takes them. While it is stalled, nothing
 * is queued: only the last written version is kept. When the socket drains, the latest states changed since that
 * version are written, in log order. A resumed client gets the same. Users that the client may not watch are left out of
 * everything.
 */
export class OutboundQueue implements Watcher {
  readonly #context: OutboundContext;
  readonly #writer: SocketWriter & Viewer;
  /** Version up to which every change was written; null while no change is pending. */
  #writtenVersion: string | null = null;
  #snapshots: WatchSnapshot[] | null = null;

  constructor(context: OutboundContext, writer: SocketWriter & Viewer) {
    this.#context = context;
    this.#writer = writer;
  }

  /** Whether a change or a snapshot is pending. */
  get hasPending(): boolean {
    return this.#writtenVersion !== null || this.#snapshots !== null;
  }

  /** Lets {@link flush} write the changes after a version; null if the client knows all of them. */
  resumeAfter(version: string | null): void {
    this.#writtenVersion = version;
  }

  clear(): void {
    this.#writtenVersion = null;
    this.#snapshots = null;
  }

  userChanged(facts: UserReachability): void {
    if (!this.#writer.mayWatch(facts.identity)) return;
    if (this.#isReady()) this.#writer.write(this.#context.frames.changed(facts));
  }

  userCreated(facts: UserReachability): void {
    if (!this.#writer.mayWatch(facts.identity)) return;
    if (this.#isReady()) this.#writer.write(this.#context.frames.created(facts));
  }

  userDeleted(sid: string, version: string, identity: string): void {
    if (!this.#writer.mayWatch(identity)) return;
    if (this.#isReady()) this.#writeDeleted(sid, version);
  }

  serviceChanged(facts: ServiceReachability): void {
    if (this.#isReady()) this.#writer.write(this.#context.frames.service(facts));
  }

  addSnapshot(snapshot: WatchSnapshot): void {
    (this.#snapshots ??= []).push(snapshot);
  }

  /**
   * Writes pending changes and snapshots until the socket stalls: changes first, because snapshots are newer. Call it while no change
   * is being published.
   */
  flush(reader: SnapshotReader, watched: Iterable<string>): void {
    this.#flushChanges(reader.serviceSid, watched);
    this.#flushSnapshots(reader);
  }

  /** Returns whether a change can be written now. If not, {@link flush} writes it later. */
  #isReady(): boolean {
    if (!this.#writer.isWriting) return false;
    if (!this.#writer.isStalled && !this.hasPending) return true;
    this.#writtenVersion ??= this.#context.publisher.version;
    this.#context.coalesced.inc();
    return false;
  }

  #flushChanges(serviceSid: string, watched: Iterable<string>): void {
    if (this.#writtenVersion === null) return;
    const { publisher } = this.#context;
    for (const change of publisher.changesSince(serviceSid, watched, this.#writtenVersion)) {
      // Changes of one event have one version, and are written together.
      if (this.#writer.isStalled && change.at !== this.#writtenVersion) return;
      this.#writtenVersion = change.at;
      if (this.#isVisible(change)) this.#writeChange(change);
    }
    this.#writtenVersion = null;
  }

  #isVisible(change: PublishedChange): boolean {
    if (change.kind === 'serviceChanged') return true;
    return this.#writer.mayWatch(
      change.kind === 'userDeleted' ? change.identity : change.facts.identity,
    );
  }

  #writeChange(change: PublishedChange): void {
    const { frames } = this.#context;
    if (change.kind === 'userDeleted') this.#writeDeleted(change.sid, change.version);
    else if (change.kind === 'serviceChanged') this.#writer.write(frames.service(change.facts));
    // While a snapshot is pending, the client may not know the sid yet.
    else if (change.kind === 'userChanged' && this.#snapshots === null) {
      this.#writer.write(frames.changed(change.facts));
    } else this.#writer.write(frames.created(change.facts));
  }

  #writeDeleted(sid: string, version: string): void {
    this.#writer.write(textFrame(JSON.stringify({ type: 'gone', sid, version })));
  }

  #flushSnapshots(reader: SnapshotReader): void {
    const { publisher } = this.#context;
    for (let first = this.#snapshots?.[0]; first !== undefined; first = this.#snapshots?.[0]) {
      if (this.#writer.isStalled) return;
      this.#writer.write(textFrame(first.nextFrame(publisher, reader)));
      if (first.isDone) this.#snapshots?.shift();
    }
    this.#snapshots = null;
  }
}
