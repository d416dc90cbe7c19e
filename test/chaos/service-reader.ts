import { fieldsOf, flagOf, listOf, textOf, type Fields } from '../support/fields.ts';
import type { Answer } from '../support/http-client.ts';
import { mintToken } from '../support/mint-token.ts';
import type { Program } from '../support/program.ts';
import type { FollowedService } from './feed-follower.ts';
import type { OnlineState } from './observations.ts';

/** Most Users per request. */
const PAGE = 1_000;
const VERSION_HEADER = 'X-Reachability-Version';

/** State of a User in one answer. */
export interface UserReading {
  readonly isOnline: OnlineState;
  readonly isNotifiable: boolean | null;
  readonly version: string;
}

/** States of Users in one answer. */
export interface UsersReading {
  readonly users: ReadonlyMap<string, UserReading>;
  /** Whether the answer says that it does not show the requested version. */
  readonly isBehind: boolean;
}

/** An interval of a User's history. */
export interface HistoryItem {
  readonly from: string;
  readonly until: string | null;
  readonly isOnline: OnlineState;
}

/** Reads one Service by REST, and makes tokens for its Users. */
export class ServiceReader {
  readonly serviceSid: string;
  readonly #credentials: Program['credentials'];

  constructor(serviceSid: string, credentials: Program['credentials']) {
    this.serviceSid = serviceSid;
    this.#credentials = credentials;
  }

  /** The service, as a follower of its changes at some nodes needs it. */
  followed(origins: readonly string[]): FollowedService {
    return { serviceSid: this.serviceSid, credentials: this.#credentials, origins };
  }

  token(identity: string, ttlSeconds: number): string {
    return mintToken(this.#credentials, this.serviceSid, identity, ttlSeconds);
  }

  /**
   * Returns the states of Users, read from one process. Users that do not exist are left out.
   *
   * @param version that the answer must show, or else say that it is behind
   */
  async readAll(
    program: Program,
    identities: readonly string[],
    version?: string,
  ): Promise<UsersReading> {
    const users = new Map<string, UserReading>();
    const headers = version === undefined ? {} : { [VERSION_HEADER]: version };
    let isBehind = false;
    for (let start = 0; start < identities.length; start += PAGE) {
      const answer = await program.post(
        `/v2/Services/${this.serviceSid}/Reachability/Query`,
        undefined,
        { headers, json: { User: identities.slice(start, start + PAGE) } },
      );
      for (const user of usersOf(answer)) users.set(textOf(user, 'identity'), parseUser(user));
      isBehind ||= answer.headers['x-read-model'] === 'behind';
    }
    return { users, isBehind };
  }

  /** `is_online` of a User, now or as of a time in `query`; undefined if the User does not exist. */
  async read(program: Program, identity: string, query = ''): Promise<OnlineState | undefined> {
    const { status, body } = await program.get(`${this.#path(identity)}${query}`);
    return status === 404 ? undefined : flagOf(body, 'is_online');
  }

  /** The history of a User, latest interval first. */
  async history(program: Program, identity: string): Promise<HistoryItem[]> {
    const items: HistoryItem[] = [];
    let next: string | null = `${this.#path(identity)}/History?PageSize=1000`;
    while (next !== null) {
      const { status, body } = await program.get(next);
      if (status === 404) return items;
      for (const item of listOf(body['history'])) {
        const until = item['until'] === null ? null : textOf(item, 'until');
        items.push({ from: textOf(item, 'from'), until, isOnline: flagOf(item, 'is_online') });
      }
      const url = fieldsOf(body['meta'])['next_page_url'];
      next = typeof url === 'string' ? url.slice(new URL(url).origin.length) : null;
    }
    return items;
  }

  #path(identity: string): string {
    return `/v2/Services/${this.serviceSid}/Users/${identity}/Reachability`;
  }
}

function usersOf(answer: Answer): Fields[] {
  if (answer.status !== 200) throw new Error(`Read failed: ${answer.status} ${answer.text}`);
  return listOf(answer.body['users']);
}

function parseUser(user: Fields): UserReading {
  return {
    isOnline: flagOf(user, 'is_online'),
    isNotifiable: flagOf(user, 'is_notifiable'),
    version: textOf(user, 'version'),
  };
}
