import type { ServiceFacts, UserFacts } from './user-facts.ts';
import type { Watcher } from './watcher.ts';

/** A User that somebody watches, and what its watchers were last told. */
export interface WatchedUser {
  readonly sid: string;
  readonly watchers: Set<Watcher>;
  /** Calls that wait for it to be seeded. */
  pending: number;
  /** Null while there is no such User. */
  told: UserFacts | null;
  /** Version from which on that holds, empty where nobody knows: what was told of it came then. */
  toldAt: string;
  /** As `toldAt`, of the moment at which the User came into being. */
  appearedAt: string;
  /** Settles once the User and its Service are seeded. */
  readonly seeded: Promise<void>;
}

/** A Service of which somebody watches Users, or waits for it to be switched. */
export interface WatchedService {
  readonly sid: string;
  /** By sid: what one Service's clients watch never touches another's. */
  readonly users: Map<string, WatchedUser>;
  readonly watchers: Set<Watcher>;
  pending: number;
  /** What its watchers were last told. */
  told: ServiceFacts;
  readonly seeded: Promise<void>;
}

/** Stands after a version and before the next, in the order of strings: of what was told late, and not in its place. */
const LATE = '+';

export function late(version: string): string {
  return version + LATE;
}

/** The version to say of something that was told at `at`. */
export function spoken(at: string): string {
  return at.endsWith(LATE) ? at.slice(0, -LATE.length) : at;
}

/** Something that watchers were told, with the version at which they were. */
export type PublishedChange =
  | { readonly kind: 'appeared' | 'changed'; readonly at: string; readonly facts: UserFacts }
  | { readonly kind: 'gone'; readonly at: string; readonly sid: string; readonly version: string }
  | { readonly kind: 'switched'; readonly at: string; readonly facts: ServiceFacts };

/**
 * What was told of a Service and some of its Users after a version, the last of each, in order: whoever knows
 * everything up to that version then knows everything.
 */
export function changesSince(
  service: WatchedService,
  userSids: Iterable<string>,
  version: string,
): PublishedChange[] {
  const told: PublishedChange[] = [];
  if (service.told.version > version) {
    told.push({ kind: 'switched', at: service.told.version, facts: service.told });
  }
  for (const sid of userSids) {
    const user = service.users.get(sid);
    if (user === undefined || user.toldAt <= version) continue;
    const { toldAt: at, told: facts } = user;
    if (facts === null) told.push({ kind: 'gone', at, sid, version: spoken(at) });
    else told.push({ kind: user.appearedAt > version ? 'appeared' : 'changed', at, facts });
  }
  return told.sort((a, b) => (a.at < b.at ? -1 : 1));
}
