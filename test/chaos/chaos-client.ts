import type { Fields } from '../support/fields.ts';
import type { Attempt, Ending } from './oracle.ts';
import type { Random } from './random.ts';
import { StreamSocket } from './stream-socket.ts';
import type { Link, TcpProxy } from './tcp-proxy.ts';
import { WatchList } from './watch-list.ts';

/** What is waited before another attempt, in milliseconds: a random part of the base times 2 to the failures. */
const BACK_OFF_BASE_MS = 500;
const BACK_OFF_CAP_MS = 30_000;
/** After this long without anything from the server a client takes its connection for lost. */
const SILENCE_MS = 17_000;
/** An attempt that has not become ready after this long is given up. */
const OPENING_MS = 10_000;
/** How long a token lasts that is not to run out. */
const LASTING_SECONDS = 3_600;
/** Close codes after which a client does not come back. */
const FINAL = new Set([4400, 4404, 4409, 4410]);

export interface Surroundings {
  /** Proxies before the nodes, by the number of the node. */
  readonly proxies: readonly TcpProxy[];
  /** Where everything that clients really did is written down. */
  readonly attempts: Attempt[];
  token(identity: string, ttlSeconds: number): string;
  /** A watcher shows something else than before. */
  shows(watcher: string, identity: string, isOnline: boolean | null | undefined): void;
  wrong(what: string): void;
}

/**
 * A client of `/stream` that follows docs/protocol.md to the letter: resumes where it can, watches again with
 * `since` where it cannot, waits before it comes back, and knows when it is alone. It shares no code with the
 * product, so that it can be held against it.
 */
export class ChaosClient {
  readonly identity: string;
  readonly known: WatchList;
  readonly #around: Surroundings;
  readonly #random: Random;
  readonly #nodes: readonly number[];
  #tokenSeconds = LASTING_SECONDS;
  #everReady = false;
  readonly #watched = new Set<string>();
  /** Watches that were said and not answered, by id. */
  readonly #unanswered = new Map<number, readonly string[]>();
  /** Users of whom an answer has come, so that `since` makes sense. */
  readonly #answered = new Set<string>();
  /** What the server has not been told yet to leave out. */
  readonly #unsaid = new Set<string>();
  #wanted = false;
  #socket: StreamSocket | null = null;
  #attempt: Attempt | null = null;
  #connectionSid: string | null = null;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #moveIn: number | null = null;
  #nextId = 1;

  /** @param nodes that it may connect to, one by chance each time */
  constructor(
    identity: string,
    around: Surroundings,
    random: Random,
    nodes: readonly number[] = around.proxies.map((_, index) => index),
  ) {
    this.identity = identity;
    this.#around = around;
    this.#random = random;
    this.#nodes = nodes;
    this.known = new WatchList({
      watches: (user) => this.#watched.has(user),
      shows: (user, isOnline) => around.shows(identity, user, isOnline),
      wrong: (what) => around.wrong(`${identity}: ${what}`),
    });
  }

  /** Whether it is to be there. */
  get wanted(): boolean {
    return this.#wanted;
  }

  /** Whether it was ever told that it has a Connection. */
  get everReady(): boolean {
    return this.#everReady;
  }

  get watched(): ReadonlySet<string> {
    return this.#watched;
  }

  /** Its latest Connection; null where it never had one, or ended it. */
  get connectionSid(): string | null {
    return this.#connectionSid;
  }

  /** The socket that it is attached by; null where there is none. */
  get attached(): Attempt | null {
    const attempt = this.#socket === null ? null : this.#attempt;
    return (attempt?.readyAt ?? null) === null ? null : attempt;
  }

  /** Comes, and comes back whatever happens. */
  come(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#failures = 0;
    if (this.#socket === null) this.#connect();
  }

  /** Leaves in one way, and stays away. */
  leave(how: Exclude<Ending, 'expired' | 'closed by server'>): void {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#drop(how);
  }

  /** Loses its socket and comes back by itself. */
  lose(how: 'abrupt' | 'silent'): void {
    if (this.#socket === null) return;
    this.#drop(how);
    this.#comeBack();
  }

  /** Comes back at once with a token that lasts so long and is not renewed; with a lasting one after that. */
  expireIn(seconds: number): void {
    this.#tokenSeconds = seconds;
    this.lose('abrupt');
  }

  watch(users: readonly string[]): void {
    for (const user of users) this.#watched.add(user);
    this.#sayWatch(users, null);
  }

  unwatch(users: readonly string[]): void {
    for (const user of users) {
      this.#watched.delete(user);
      this.#answered.delete(user);
      this.known.forget(user);
    }
    if (this.attached === null) for (const user of users) this.#unsaid.add(user);
    else this.#socket?.send({ type: 'unwatch', users });
  }

  say(frame: Fields): void {
    if (this.attached !== null) this.#socket?.send(frame);
  }

  /** Everything takes so much longer, in both directions, for the rest of this connection. */
  slowDown(ms: number): void {
    const link = this.#link();
    if (this.#attempt === null || link === undefined) return;
    this.#attempt.lateMs = ms;
    link.delay(ms);
  }

  /** Nothing gets through for so long, and neither end is told. */
  stall(ms: number): void {
    const link = this.#link();
    if (this.#attempt === null || link === undefined) return;
    const now = Date.now();
    this.#attempt.blocked.push({ from: now, to: now + ms });
    link.stall();
    setTimeout(() => link.release(), ms);
  }

  /** What stalls goes on. */
  heal(): void {
    this.#link()?.release();
  }

  /** The server loses the connection, and the client believes in it. */
  loseServer(): void {
    const link = this.#link();
    if (this.#attempt === null || link === undefined) return;
    this.#attempt.blocked.push({ from: Date.now(), to: Infinity });
    link.loseServer();
  }

  #link(): Link | undefined {
    return this.#attempt === null || this.#socket === null
      ? undefined
      : this.#around.proxies[this.#attempt.node]?.link(this.#socket.port);
  }

  #connect(): void {
    const resumable = this.#connectionSid !== null && this.#attempt !== null;
    const last = this.#attempt?.node ?? -1;
    const node = resumable && this.#random.chance(0.5) ? last : this.#random.pick(this.#nodes);
    const proxy = this.#around.proxies[node];
    if (proxy === undefined) throw new RangeError(`There is no node ${node}`);
    const attempt: Attempt = {
      user: this.identity,
      node,
      startedAt: Date.now(),
      readyAt: null,
      answeredAt: null,
      endedAt: null,
      how: null,
      closeCode: null,
      blocked: [],
      expiresAt: (Math.floor(Date.now() / 1_000) + this.#tokenSeconds) * 1_000,
      lateMs: 0,
    };
    this.#attempt = attempt;
    this.#around.attempts.push(attempt);
    const query = new URLSearchParams({
      token: this.#around.token(this.identity, this.#tokenSeconds),
    });
    if (this.#connectionSid !== null) {
      query.set('resume', this.#connectionSid);
      if (this.known.watermark !== null) query.set('since', this.known.watermark);
    }
    const socket = new StreamSocket(proxy.port, `/stream?${query.toString()}`, {
      heard: () => this.#expectMore(attempt, SILENCE_MS),
      frame: (frame) => {
        if (this.#socket === socket) this.#read(frame, attempt);
      },
      closed: (code) => this.#closed(socket, attempt, code),
    });
    this.#socket = socket;
    this.#expectMore(attempt, OPENING_MS);
  }

  #expectMore(attempt: Attempt, ms: number): void {
    if (attempt !== this.#attempt) return;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.lose('abrupt'), ms);
  }

  #read(frame: Fields, attempt: Attempt): void {
    if (frame['type'] === 'ready') this.#ready(frame, attempt);
    else if (attempt.readyAt === null && frame['type'] !== 'error') {
      this.#around.wrong(`${this.identity}: ${String(frame['type'])} before ready`);
    }
    if (frame['type'] === 'snapshot') this.#answer(frame);
    if (frame['type'] === 'move') this.#moveIn = Number(frame['reconnect_in_ms']);
    this.known.read(frame);
  }

  #ready(frame: Fields, attempt: Attempt): void {
    attempt.readyAt = Date.now();
    this.#everReady = true;
    this.#failures = 0;
    this.known.onNewSocket();
    const sid = String(frame['connection_sid']);
    const users = [...this.#watched];
    this.#unanswered.clear();
    if (frame['resumed'] === true) {
      if (sid !== this.#connectionSid) {
        this.#around.wrong(`${this.identity}: resumed ${sid}, asked for ${this.#connectionSid}`);
      }
      const without = [...this.#unsaid].filter((user) => !this.#watched.has(user));
      if (without.length > 0) this.#socket?.send({ type: 'unwatch', users: without });
    } else
      this.#sayWatch(
        users.filter((user) => this.#answered.has(user)),
        this.known.watermark,
      );
    this.#sayWatch(
      users.filter((user) => !this.#answered.has(user)),
      null,
    );
    this.#unsaid.clear();
    this.#connectionSid = sid;
    this.#noteAnswered();
  }

  #sayWatch(users: readonly string[], since: string | null): void {
    if (this.attached === null) return;
    for (let start = 0; start < users.length; start += 1_000) {
      const some = users.slice(start, start + 1_000);
      const id = this.#nextId++;
      this.#unanswered.set(id, some);
      this.#socket?.send({ type: 'watch', id, users: some, ...(since === null ? {} : { since }) });
    }
  }

  #answer(frame: Fields): void {
    if (frame['done'] !== true || typeof frame['id'] !== 'number') return;
    for (const user of this.#unanswered.get(frame['id']) ?? []) {
      if (this.#watched.has(user)) this.#answered.add(user);
    }
    this.#unanswered.delete(frame['id']);
    this.#noteAnswered();
  }

  #noteAnswered(): void {
    if (this.#attempt === null || this.#unanswered.size > 0) return;
    this.#attempt.answeredAt ??= Date.now();
  }

  #drop(how: 'clean' | 'abrupt' | 'silent'): void {
    clearTimeout(this.#deadline);
    const socket = this.#socket;
    const attempt = this.#attempt;
    this.#socket = null;
    if (socket === null || attempt === null) return;
    attempt.endedAt = Date.now();
    attempt.how = attempt.readyAt === null && how === 'clean' ? 'abrupt' : how;
    if (how === 'silent') {
      this.#around.proxies[attempt.node]?.link(socket.port)?.stall();
      socket.terminate();
    } else if (how === 'abrupt' || attempt.readyAt === null) socket.terminate();
    else if (this.#random.chance(0.5)) socket.close(1000);
    else socket.send({ type: 'bye' });
    if (how === 'clean') this.#connectionSid = null;
  }

  #closed(socket: StreamSocket, attempt: Attempt, code: number): void {
    if (this.#socket !== socket) return;
    clearTimeout(this.#deadline);
    this.#socket = null;
    attempt.endedAt = Date.now();
    attempt.closeCode = code;
    attempt.how = code === 4401 ? 'expired' : 'closed by server';
    if (code === 4401 || code === 4411) this.#connectionSid = null;
    if (code === 4401) this.#tokenSeconds = LASTING_SECONDS;
    if (FINAL.has(code)) this.#around.wrong(`${this.identity}: closed with ${code}`);
    if (this.#wanted) this.#comeBack();
  }

  #comeBack(): void {
    clearTimeout(this.#timer);
    const most = Math.min(BACK_OFF_CAP_MS, BACK_OFF_BASE_MS * 2 ** this.#failures);
    const wait = this.#moveIn ?? this.#random.between(0, most);
    this.#moveIn = null;
    this.#failures += 1;
    this.#timer = setTimeout(() => {
      if (this.#wanted && this.#socket === null) this.#connect();
    }, wait);
  }
}
