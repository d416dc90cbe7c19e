import type { StreamAppend } from '#event-store';
import { History } from './history.ts';
import { Milestones } from './milestones.ts';
import { createServices, renameService } from './services.ts';
import { Sessions } from './sessions.ts';
import { createUser, newUser } from './users.ts';

export interface SeedOptions {
  /** 50,000 by default. */
  readonly users?: number;
  /** Exact number of events; 20 per User by default. */
  readonly events?: number;
  /** An integer from 0 to 2^53 - 1; 1 by default. */
  readonly seed?: number;
}

export const DEFAULT_USERS = 50_000;
export const DEFAULT_EVENTS_PER_USER = 20;
/** Events needed for Services, nodes and their changes. */
const OVERHEAD_EVENTS = 40;

/** Some Users exist from the start; the others join until three quarters of the events have been generated. */
const USERS_AT_START = 0.3;
const ALL_USERS_AT = 0.75;

/**
 * Generates a realistic history of the product, as appends in log order. Services enable and disable reachability.
 * Users join, connect and disconnect day by day with several devices, lose their connections, register for push, are
 * deleted and come back. Nodes restart and die. The real deciders produce every event, so the product could have
 * written each of them. The same options give the same bytes on any machine and at any time. Memory grows only with
 * the number of Users.
 *
 * @throws RangeError when `events` is less than two per User plus 40
 */
export function* seedHistory(options: SeedOptions = {}): Generator<StreamAppend, void> {
  const { users, events, seed } = withDefaults(options);
  const history = new History(seed, events);
  const milestones = new Milestones();
  const services = createServices(history, milestones, users);
  const sessions = new Sessions(history, milestones, users);
  let created = 0;
  while (history.remaining > 0 && !history.isFull) {
    const joinedShare = USERS_AT_START + ((1 - USERS_AT_START) * history.progress) / ALL_USERS_AT;
    if (created < Math.min(1, joinedShare) * users) {
      created += 1;
      const user = newUser(history, services, created);
      const isOverRest = history.random.chance(0.7);
      history.now += history.random.between(5, 200);
      if (isOverRest) createUser(history, user);
      sessions.follow(user, !isOverRest);
      // While no node accepts connections, the User cannot be created by connecting.
      if (user.subject.state.status === 'absent') createUser(history, user);
    } else {
      const milestone = milestones.takeDue(history.progress);
      const next = milestone === undefined ? history.agenda.next() : undefined;
      if (next !== undefined) history.now = Math.max(history.now, next.at);
      const act = milestone ?? next?.run;
      if (act === undefined) break;
      act();
    }
    for (const append of history.takeAppends()) yield append;
  }
  while (history.remaining > 0) renameService(history, services[0]);
  yield* history.takeAppends();
}

/** @throws RangeError */
function withDefaults({
  users = DEFAULT_USERS,
  events = users * DEFAULT_EVENTS_PER_USER,
  seed = 1,
}: SeedOptions): Required<SeedOptions> {
  const values = { users, events, seed };
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`${name} must be a whole number, not ${value}`);
    }
  }
  if (users === 0) throw new RangeError('users must be at least 1');
  const least = 2 * users + OVERHEAD_EVENTS;
  if (events < least) {
    throw new RangeError(`${users} users take at least ${least} events, not ${events}`);
  }
  return values;
}
