import {
  AppendOutcomeUnknownError,
  EventStoreUnavailableError,
  EventStoreUnwritableError,
} from '#event-store';
import { OperationalStateUnavailableError } from '#operational-state';
import { DatabaseUnavailableError } from '#postgres/errors';

/** A store that can be out of reach, by the name that health, metrics and log use. */
export type StoreName = 'event_store' | 'read_model' | 'state' | 'database';

/** Errors of stores that do not answer or cannot be written at present. */
const OUTAGES = [
  [AppendOutcomeUnknownError, 'event_store'],
  [EventStoreUnavailableError, 'event_store'],
  [EventStoreUnwritableError, 'event_store'],
  [OperationalStateUnavailableError, 'state'],
  [DatabaseUnavailableError, 'database'],
] as const;

/** Returns the store that an error says is out of reach at present; null for any other error. */
export function unavailableStore(error: unknown): StoreName | null {
  return OUTAGES.find(([type]) => error instanceof type)?.[1] ?? null;
}

/**
 * True for an error of a store that is out of reach at present. Whoever repeats its work need not log it: `StoreMonitor`
 * logs when an outage begins and ends.
 */
export function isStoreUnavailable(error: unknown): boolean {
  return unavailableStore(error) !== null;
}
