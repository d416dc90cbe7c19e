import { changes, type FeedEvent } from '../../libs/client/src/changes/index.ts';
import type { Program } from '../support/program.ts';
import { until } from '../support/until.ts';
import type { Violation } from './checker.ts';
import type { OnlineState } from './observations.ts';

/** Longest time until a follower has read what another one reads anew, in milliseconds. */
const CATCH_UP_MS = 30_000;

export interface FollowedService {
  readonly serviceSid: string;
  readonly credentials: Pick<Program['credentials'], 'accountSid' | 'authToken'>;
  /** URLs of the nodes; each connection goes to the next. */
  readonly origins: readonly string[];
}

/** A back end that follows the change feed of a Service, from one node to the next. */
export class FeedFollower {
  readonly name: string;
  readonly events: FeedEvent[] = [];
  readonly #service: FollowedService;
  readonly #leaving = new AbortController();
  readonly #running: Promise<void>;
  #connections: number;
  /** How often it connected again. */
  reconnects = -1;
  #failure: Error | null = null;

  /** @param first number of the node that it begins with */
  constructor(service: FollowedService, first: number, since?: string) {
    this.name = `feed ${first}`;
    this.#service = service;
    this.#connections = first;
    this.#running = this.#run(since).catch((error: unknown) => {
      this.#failure = error instanceof Error ? error : new Error('The feed failed');
    });
  }

  /** Settles once every later change is sure to come, with the version from which it does. */
  async started(): Promise<string> {
    const [start] = await until('the start of a feed', () => {
      if (this.#failure !== null) throw this.#failure;
      return this.events.length > 0 ? this.events : undefined;
    });
    return start?.version ?? '';
  }

  async end(): Promise<void> {
    this.#leaving.abort();
    await this.#running;
  }

  /**
   * Compares what came with what a new follower reads from the same version on, and with who is online at last. Nothing
   * may change meanwhile.
   */
  async violations(expected: ReadonlyMap<string, boolean>): Promise<Violation[]> {
    const violations = this.#disorder();
    if (this.#failure !== null) violations.push(this.#violation(this.#failure.message));
    const replay = new FeedFollower(this.#service, 0, await this.started());
    const difference = (): string | null =>
      firstDifference(versionsOf(this.events), versionsOf(replay.events)) ??
      this.#wrongState(expected);
    await until('the same changes', () => (difference() === null ? true : undefined), CATCH_UP_MS)
      // What differs is reported below.
      .catch(() => undefined);
    const found = difference();
    await replay.end();
    return found === null ? violations : [...violations, this.#violation(found)];
  }

  async #run(since: string | undefined): Promise<void> {
    const { serviceSid, credentials, origins } = this.#service;
    const feed = changes({
      url: origins[0] ?? '',
      username: credentials.accountSid,
      password: credentials.authToken,
      serviceSid,
      ...(since === undefined ? {} : { since }),
      signal: this.#leaving.signal,
      fetch: (url, init) => {
        const { pathname, search } = new URL(url instanceof Request ? url.url : url);
        const origin = origins[this.#connections % origins.length];
        this.#connections += 1;
        this.reconnects += 1;
        return fetch(new URL(pathname + search, origin), init);
      },
    });
    for await (const event of feed) this.events.push(event);
  }

  /** Events that came twice or out of order, and those that say that something may be missing. */
  #disorder(): Violation[] {
    let before = '';
    return this.events.flatMap((event) => {
      const isWrong =
        event.type === 'resync' || (event.type !== 'start' && event.version <= before);
      const what = `${event.type} ${event.version} after ${before}`;
      before = event.version;
      return isWrong ? [this.#violation(what)] : [];
    });
  }

  /** The first User that the feed shows otherwise than it is. */
  #wrongState(expected: ReadonlyMap<string, boolean>): string | null {
    const states = new Map<string, OnlineState>();
    for (const event of this.events) {
      if (event.type === 'change') states.set(event.identity, event.isOnline);
    }
    for (const [user, isOnline] of expected) {
      const shown = states.get(user) ?? null;
      if (shown !== isOnline) return `${user} is ${shown} at the end, expected ${isOnline}`;
    }
    return null;
  }

  #violation(what: string): Violation {
    return { user: '', where: this.name, what };
  }
}

/** Begins to follow a Service, once from each node on. Connections go through proxies, which have faults of their own. */
export function followEach(
  reader: { followed(origins: readonly string[]): FollowedService },
  proxies: readonly { readonly port: number }[],
): FeedFollower[] {
  const service = reader.followed(proxies.map(({ port }) => `http://127.0.0.1:${port}`));
  return proxies.map((_, first) => new FeedFollower(service, first));
}

function versionsOf(events: readonly FeedEvent[]): string[] {
  return events.filter(({ type }) => type !== 'start').map(({ version }) => version);
}

function firstDifference(followed: readonly string[], replayed: readonly string[]): string | null {
  const most = Math.max(followed.length, replayed.length);
  for (let index = 0; index < most; index += 1) {
    if (followed[index] === replayed[index]) continue;
    return `change ${index} is ${followed[index]}, and ${replayed[index]} in a replay`;
  }
  return null;
}
