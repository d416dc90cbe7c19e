import type { StreamAppend } from '#event-store';
import { History } from './history.ts';
import { Milestones } from './milestones.ts';
import { beginServices, renameService } from './services.ts';
import { Sessions } from './sessions.ts';
import { createUser, newUser } from './users.ts';

export interface SeedOptions {
  /** 50,000 by default. */
  readonly users?: number;
  /** Exactly so many; 20 for each User by default. */
  readonly events?: number;
  /** A whole number from 0 to 2^53 - 1; 1 by default. */
  readonly seed?: number;
}

export const DEFAULT_USERS = 50_000;
export const DEFAULT_EVENTS_PER_USER = 20;
/** Services, nodes and their changes take some room too. */
const LEAST_EVENTS = 40;

/** A part of the Users is there from the start, the others join until three quarters of the events are told. */
const USERS_AT_START = 0.3;
const ALL_USERS_AT = 0.75;

/**
 * A realistic past of the product, as appends in log order: Services that switch reachability on and off, Users
 * that join, come and go by the day, with several devices, lose their connection, register for push, are deleted
 * and come back; nodes that restart and die. The real deciders make every event, so each is one that the product
 * could have written. The same options give the same bytes, on any machine and at any time. Memory grows with
 * the number of Users alone.
 *
 * @throws RangeError where there is not room for every User: two events each and 40 more
 */
export function* seedHistory(options: SeedOptions = {}): Generator<StreamAppend, void> {
  const { users, events, seed } = complete(options);
  const history = new History(seed, events);
  const milestones = new Milestones();
  const services = beginServices(history, milestones, users);
  const sessions = new Sessions(history, milestones, users);
  let created = 0;
  while (history.left > 0 && !history.isFull) {
    const joined = USERS_AT_START + ((1 - USERS_AT_START) * history.share) / ALL_USERS_AT;
    if (created < Math.min(1, joined) * users) {
      created += 1;
      const user = newUser(history, services, created);
      const overRest = history.random.chance(0.7);
      history.now += history.random.between(5, 200);
      if (overRest) createUser(history, user);
      sessions.follow(user, !overRest);
      // While no node takes connections, nobody joins by connecting.
      if (user.subject.state.status === 'absent') createUser(history, user);
    } else {
      const milestone = milestones.due(history.share);
      const next = milestone === undefined ? history.agenda.next() : undefined;
      if (next !== undefined) history.now = Math.max(history.now, next.at);
      const act = milestone ?? next?.act;
      if (act === undefined) break;
      act();
    }
    for (const append of history.take()) yield append;
  }
  while (history.left > 0) renameService(history, services[0]);
  yield* history.take();
}

/** @throws RangeError */
function complete({
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
  const least = 2 * users + LEAST_EVENTS;
  if (events < least) {
    throw new RangeError(`${users} users take at least ${least} events, not ${events}`);
  }
  return values;
}
