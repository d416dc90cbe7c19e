import type { UserFacts } from './user-facts.ts';

/** Somebody who is told of every change of the Users on its watch-list. */
export interface Watcher {
  /** The User exists now, and did not when it was asked for. */
  appeared(facts: UserFacts): void;
  changed(facts: UserFacts): void;
  /** The User was deleted. */
  gone(userSid: string, version: string): void;
}
