import type { ServiceReachability, UserReachability } from './reachability.ts';

/**
 * Gets the changes of the Users that it watches and of the Service that it has joined, in the order of the log. All
 * watchers get the same facts object for the same change.
 */
export interface Watcher {
  /** The User exists now, and did not exist when the watch began or after its deletion. */
  userCreated(facts: UserReachability): void;
  userChanged(facts: UserReachability): void;
  userDeleted(userSid: string, version: string, identity: string): void;
  /**
   * The Service's flag has changed: from this version on, both facts of every User are null until its next change.
   * Published once, in place of a change of each User.
   */
  serviceChanged(service: ServiceReachability): void;
}
