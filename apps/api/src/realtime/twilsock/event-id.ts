import type { Position } from '#event-store';

/** Digits of a position that order events; an adapter may append more for its own use. */
const ORDINAL_DIGITS = 20;

/**
 * Returns the id of a Sync event: the position of its change in the log, as a number. Clients compare ids as numbers,
 * across connections and nodes. Exact up to row 2^53 of an embedded log, and up to byte 2^53 (nine petabytes) of an
 * EventStoreDB log.
 */
export function eventIdOf(position: Position): number {
  return Number(position.slice(0, ORDINAL_DIGITS));
}

/** Returns the id for a version, `<epoch>:<position>`. */
export function eventIdOfVersion(version: string): number {
  return eventIdOf(version.slice(version.indexOf(':') + 1));
}
