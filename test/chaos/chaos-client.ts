import type { Fields } from '../support/fields.ts';
import type { Attempt, EndCause } from './oracle.ts';
import type { Random } from './random.ts';
import { StreamSocket } from './stream-socket.ts';
import type { Link, TcpProxy } from './tcp-proxy.ts';
import { WatchList } from './watch-list.ts';

/** Back-off: a random share of the base times 2 to the power of the failures, in milliseconds. */
const BACK_OFF_BASE_MS = 500;
const BACK_OFF_CAP_MS = 30_000;
/** A client without a message or ping for this long treats its connection as lost. */
const SILENCE_MS = 17_000;
/** An attempt without a ready frame is abandoned after this time. */
const OPEN_TIMEOUT_MS = 10_000;
/** A request that could not be answered is repeated after this time. */
const RETRY_MS = 1_000;
/** Lifetime of a token that must not expire during a run. */
const LONG_TOKEN_SECONDS = 6 * 3_600;
/** Close codes after which a client must not reconnect. */
const FINAL_CODES = new Set([4400, 4404, 4409, 4410]);

interface PendingWatch {
  readonly users: readonly string[];
  readonly since: string | null;
}

export interface ClientEnvironment {
  /** Proxies in front of the nodes, indexed by the node's number. */
  readonly proxies: readonly TcpProxy[];
  /** Collects what clients really did. */
  readonly attempts: Attempt[];
  token(identity: string, ttlSeconds: number): string;
  /** Called when a watcher shows a new state of a User. */
  onChange(
    watcher: string,
    identity: string,
    isOnline: boolean | null | undefined,
    isSnapshot: boolean,
  ): void;
  onViolation(text: string): void;
}

/**
 * A client of `/stream` that implements docs/protocol.md: it resumes if possible, otherwise watches again with
 * `since`, backs off before it reconnects, and detects a lost connection. It shares no code with the product, so that
 * it tests the product independently.
 */
export class ChaosClient {
  readonly identity: string;
  readonly watchList: WatchList;
  readonly #environment: ClientEnvironment;
  readonly #random: Random;
  readonly #nodes: readonly number[];
  #tokenSeconds = LONG_TOKEN_SECONDS;
  #wasReady = false;
  readonly #watched = new Set<string>();
  /** Watch requests without an answer, by id. */
  readonly #pendingWatches = new Map<number, PendingWatch>();
  /** Users with a snapshot, for which `since` is valid. */
  readonly #usersWithSnapshot = new Set<string>();
  /** Users to unwatch as soon as a socket is ready. */
  readonly #pendingUnwatches = new Set<string>();
  #shouldBeConnected = false;
  #socket: StreamSocket | null = null;
  #attempt: Attempt | null = null;
  #connectionSid: string | null = null;
  #failures = 0;
  #reconnectTimer: NodeJS.Timeout | undefined;
  #silenceTimer: NodeJS.Timeout | undefined;
  #moveDelayMs: number | null = null;
  #nextId = 1;

  /** @param nodes it may connect to; each attempt picks a random one */
  constructor(
    identity: string,
    around: ClientEnvironment,
    random: Random,
    nodes: readonly number[] = around.proxies.map((_, index) => index),
  ) {
    this.identity = identity;
    this.#environment = around;
    this.#random = random;
    this.#nodes = nodes;
    this.watchList = new WatchList({
      isWatched: (user) => this.#watched.has(user),
      onChange: (user, isOnline, isSnapshot) =>
        around.onChange(identity, user, isOnline, isSnapshot),
      onViolation: (what) => around.onViolation(`${identity}: ${what}`),
    });
  }

  /** Whether it is meant to be connected. */
  get shouldBeConnected(): boolean {
    return this.#shouldBeConnected;
  }

  /** Whether it ever received a ready frame. */
  get wasReady(): boolean {
    return this.#wasReady;
  }

  get watched(): ReadonlySet<string> {
    return this.#watched;
  }

  /** Sid of its latest Connection; null if it never had one or ended it. */
  get connectionSid(): string | null {
    return this.#connectionSid;
  }

  /** The attempt whose socket is ready; null if there is none. */
  get attachedAttempt(): Attempt | null {
    const attempt = this.#socket === null ? null : this.#attempt;
    return (attempt?.readyAt ?? null) === null ? null : attempt;
  }

  /** Connects, and reconnects after every loss. */
  connect(): void {
    if (this.#shouldBeConnected) return;
    this.#shouldBeConnected = true;
    this.#failures = 0;
    if (this.#socket === null) this.#openSocket();
  }

  /** Disconnects in the given way and stays away. */
  disconnect(how: Exclude<EndCause, 'expired' | 'closed by server'>): void {
    this.#shouldBeConnected = false;
    clearTimeout(this.#reconnectTimer);
    this.#endSocket(how);
  }

  /** Loses its socket and reconnects. */
  dropSocket(how: 'abrupt' | 'silent'): void {
    if (this.#socket === null) return;
    this.#endSocket(how);
    this.#scheduleReconnect();
  }

  /** Reconnects with a token that expires after `seconds` and is not renewed; after that with a long-lived one. */
  expireIn(seconds: number): void {
    this.#tokenSeconds = seconds;
    this.dropSocket('abrupt');
  }

  watch(users: readonly string[]): void {
    for (const user of users) this.#watched.add(user);
    this.#sendWatch(users, null);
  }

  unwatch(users: readonly string[]): void {
    for (const user of users) {
      this.#watched.delete(user);
      this.#usersWithSnapshot.delete(user);
      this.watchList.forget(user);
    }
    if (this.attachedAttempt === null) for (const user of users) this.#pendingUnwatches.add(user);
    else this.#socket?.send({ type: 'unwatch', users });
  }

  /** Adds latency in both directions for the rest of this connection. */
  slowDown(ms: number): void {
    const link = this.#link();
    if (this.#attempt === null || link === undefined) return;
    this.#attempt.lateMs = ms;
    link.delay(ms);
  }

  /** Blocks the connection for `ms`. Neither end notices. */
  stall(ms: number): void {
    const link = this.#link();
    if (this.#attempt === null || link === undefined) return;
    const now = Date.now();
    this.#attempt.blocked.push({ from: now, to: now + ms });
    link.stall();
    setTimeout(() => link.release(), ms).unref();
  }

  /** Ends a stall. */
  unstall(): void {
    this.#link()?.release();
  }

  /** Resets the server's end. The client does not notice. */
  dropServerSide(): void {
    const link = this.#link();
    if (this.#attempt === null || link === undefined) return;
    this.#attempt.blocked.push({ from: Date.now(), to: Infinity });
    link.dropServerSide();
  }

  #link(): Link | undefined {
    return this.#attempt === null || this.#socket === null
      ? undefined
      : this.#environment.proxies[this.#attempt.node]?.link(this.#socket.port);
  }

  #openSocket(): void {
    const resumable = this.#connectionSid !== null && this.#attempt !== null;
    const last = this.#attempt?.node ?? -1;
    const node = resumable && this.#random.chance(0.5) ? last : this.#random.pick(this.#nodes);
    const proxy = this.#environment.proxies[node];
    if (proxy === undefined) throw new RangeError(`Unknown node ${node}`);
    const attempt: Attempt = {
      user: this.identity,
      node,
      startedAt: Date.now(),
      readyAt: null,
      answeredAt: null,
      endedAt: null,
      endCause: null,
      closeCode: null,
      blocked: [],
      expiresAt: (Math.floor(Date.now() / 1_000) + this.#tokenSeconds) * 1_000,
      lateMs: 0,
    };
    this.#attempt = attempt;
    this.#environment.attempts.push(attempt);
    const query = new URLSearchParams({
      token: this.#environment.token(this.identity, this.#tokenSeconds),
    });
    if (this.#connectionSid !== null) {
      query.set('resume', this.#connectionSid);
      if (this.watchList.watermark !== null) query.set('since', this.watchList.watermark);
    }
    const socket = new StreamSocket(proxy.port, `/stream?${query.toString()}`, {
      onActivity: () => {
        if (this.#socket === socket) this.#restartDeadline(attempt, SILENCE_MS);
      },
      onFrame: (frame) => {
        if (this.#socket === socket) this.#onFrame(frame, attempt);
      },
      onClose: (code) => this.#onClose(socket, attempt, code),
    });
    this.#socket = socket;
    this.#restartDeadline(attempt, OPEN_TIMEOUT_MS);
  }

  #restartDeadline(attempt: Attempt, ms: number): void {
    if (attempt !== this.#attempt) return;
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => this.dropSocket('abrupt'), ms);
  }

  #onFrame(frame: Fields, attempt: Attempt): void {
    if (frame['type'] === 'ready') this.#onReady(frame, attempt);
    else if (attempt.readyAt === null && frame['type'] !== 'error') {
      this.#environment.onViolation(`${this.identity}: ${String(frame['type'])} before ready`);
    }
    if (frame['type'] === 'snapshot') this.#onSnapshot(frame);
    if (frame['type'] === 'error') this.#onError(frame);
    if (frame['type'] === 'move') this.#moveDelayMs = Number(frame['reconnect_in_ms']);
    this.watchList.read(frame);
  }

  #onReady(frame: Fields, attempt: Attempt): void {
    attempt.readyAt = Date.now();
    this.#wasReady = true;
    this.#failures = 0;
    this.watchList.onNewSocket();
    const sid = String(frame['connection_sid']);
    attempt.connectionSid = sid;
    const users = [...this.#watched];
    const unanswered = [...this.#pendingWatches.values()];
    this.#pendingWatches.clear();
    if (frame['resumed'] === true) {
      if (sid !== this.#connectionSid) {
        this.#environment.onViolation(
          `${this.identity}: resumed ${sid} instead of ${this.#connectionSid}`,
        );
      }
      const without = [...this.#pendingUnwatches].filter((user) => !this.#watched.has(user));
      if (without.length > 0) this.#socket?.send({ type: 'unwatch', users: without });
      for (const { users: missing, since } of unanswered) {
        if (since !== null) this.#repeatWatch(missing, since);
      }
    } else {
      const versions = [this.watchList.watermark, ...unanswered.map(({ since }) => since)];
      // Users of a request without an answer may have missed changes that the watermark is already past.
      const [oldest = null] = versions.filter((version) => version !== null).sort();
      this.#sendWatch(
        users.filter((user) => this.#usersWithSnapshot.has(user)),
        oldest,
      );
    }
    this.#sendWatch(
      users.filter((user) => !this.#usersWithSnapshot.has(user)),
      null,
    );
    this.#pendingUnwatches.clear();
    this.#connectionSid = sid;
    this.#recordAnswered();
  }

  #sendWatch(users: readonly string[], since: string | null): void {
    if (this.attachedAttempt === null) return;
    for (let start = 0; start < users.length; start += 1_000) {
      const some = users.slice(start, start + 1_000);
      const id = this.#nextId++;
      this.#pendingWatches.set(id, { users: some, since });
      this.#socket?.send({ type: 'watch', id, users: some, ...(since === null ? {} : { since }) });
    }
  }

  #repeatWatch(users: readonly string[], since: string | null): void {
    const wanted = users.filter((user) => this.#watched.has(user));
    if (wanted.length > 0) this.#sendWatch(wanted, since);
  }

  /** Repeats a request that the server could not answer yet. */
  #onError(frame: Fields): void {
    if (frame['code'] !== 'unavailable' || typeof frame['id'] !== 'number') return;
    const pending = this.#pendingWatches.get(frame['id']);
    const socket = this.#socket;
    if (pending === undefined) return;
    const id = frame['id'];
    setTimeout(() => {
      if (this.#socket !== socket || !this.#pendingWatches.delete(id)) return;
      this.#repeatWatch(pending.users, pending.since);
      this.#recordAnswered();
    }, RETRY_MS).unref();
  }

  #onSnapshot(frame: Fields): void {
    if (frame['done'] !== true || typeof frame['id'] !== 'number') return;
    for (const user of this.#pendingWatches.get(frame['id'])?.users ?? []) {
      if (this.#watched.has(user)) this.#usersWithSnapshot.add(user);
    }
    this.#pendingWatches.delete(frame['id']);
    this.#recordAnswered();
  }

  #recordAnswered(): void {
    if (this.#attempt === null || this.#pendingWatches.size > 0) return;
    this.#attempt.answeredAt ??= Date.now();
  }

  #endSocket(how: 'clean' | 'abrupt' | 'silent'): void {
    clearTimeout(this.#silenceTimer);
    const socket = this.#socket;
    const attempt = this.#attempt;
    this.#socket = null;
    if (socket === null || attempt === null) return;
    attempt.endedAt = Date.now();
    attempt.endCause = attempt.readyAt === null && how === 'clean' ? 'abrupt' : how;
    if (how === 'silent') {
      this.#environment.proxies[attempt.node]?.link(socket.port)?.stall();
      socket.terminate();
    } else if (how === 'abrupt' || attempt.readyAt === null) socket.terminate();
    else if (this.#random.chance(0.5)) socket.close(1000);
    else socket.send({ type: 'bye' });
    if (how === 'clean') this.#connectionSid = null;
  }

  #onClose(socket: StreamSocket, attempt: Attempt, code: number): void {
    if (this.#socket !== socket) return;
    clearTimeout(this.#silenceTimer);
    this.#socket = null;
    attempt.endedAt = Date.now();
    attempt.closeCode = code;
    attempt.endCause = code === 4401 ? 'expired' : 'closed by server';
    if (code === 4401 || code === 4411) this.#connectionSid = null;
    if (code === 4401) this.#tokenSeconds = LONG_TOKEN_SECONDS;
    if (FINAL_CODES.has(code))
      this.#environment.onViolation(`${this.identity}: closed with ${code}`);
    if (this.#shouldBeConnected) this.#scheduleReconnect();
  }

  #scheduleReconnect(): void {
    clearTimeout(this.#reconnectTimer);
    const longest = Math.min(BACK_OFF_CAP_MS, BACK_OFF_BASE_MS * 2 ** this.#failures);
    const wait = this.#moveDelayMs ?? this.#random.between(0, longest);
    this.#moveDelayMs = null;
    this.#failures += 1;
    this.#reconnectTimer = setTimeout(() => {
      if (this.#shouldBeConnected && this.#socket === null) this.#openSocket();
    }, wait);
  }
}
