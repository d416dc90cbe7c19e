import type { ServiceFacts, UserFacts } from './user-facts.ts';

/**
 * Somebody who is told of every change of the Users on its watch-list, in the order of the log. Facts are shared:
 * all watchers are given the same object for the same change.
 */
export interface Watcher {
  /** The User exists now, and did not when it was asked for. */
  userCreated(facts: UserFacts): void;
  userChanged(facts: UserFacts): void;
  /** The User was deleted. */
  userDeleted(userSid: string, version: string): void;
  /**
   * The Service that it has joined was switched: from this version on every User is null, until a change says
   * otherwise. Told once, in place of a change of each User.
   */
  serviceChanged(service: ServiceFacts): void;
}
