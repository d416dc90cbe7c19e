import type { Position } from '#event-store';

/** Digits of a position that say by themselves where an event stands; an adapter may add more for its own use. */
const ORDINAL_DIGITS = 20;

/**
 * The id of a Sync event: the place in the log of the change that it tells, as a number. Clients compare ids as
 * numbers, across connections and nodes. Safe up to row 2^53 of an embedded log, and up to byte 2^53 (nine
 * petabytes) of an EventStoreDB one.
 */
export function eventIdOf(position: Position): number {
  return Number(position.slice(0, ORDINAL_DIGITS));
}

/** The id for a version, `<epoch>:<position>`. */
export function eventIdOfVersion(version: string): number {
  return eventIdOf(version.slice(version.indexOf(':') + 1));
}
