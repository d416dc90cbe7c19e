import { until } from '../../support/until.ts';
import type { Observer } from './stream-observer.ts';

/** Users that left, with the observers that must show all of them offline. */
export interface LeftUsers {
  readonly sids: readonly string[];
  readonly observers: readonly Observer[];
}

/** Waits until every observer shows all Users offline. Prints a timeout, which the figures show, too. */
export async function waitUntilOffline(
  leftUsers: readonly LeftUsers[],
  patienceMs: number,
): Promise<void> {
  const isShownOffline = ({ sids, observers }: LeftUsers): boolean =>
    sids.every((sid) => observers.every((observer) => observer.offlineAt(sid) !== undefined));
  await until(
    'all Users to be shown offline',
    () => leftUsers.every(isShownOffline) || undefined,
    patienceMs,
  ).catch((error: unknown) => console.log(String(error)));
}

/**
 * Milliseconds from leaving until shown offline, at every observer; Infinity if that never happened.
 *
 * @param leftAt when each of the Users left, by its index in `sids`
 */
export function staleness(
  { sids, observers }: LeftUsers,
  leftAt: (index: number) => number,
): number[] {
  return sids.flatMap((sid, index) =>
    observers.map((observer) => (observer.offlineAt(sid) ?? Infinity) - leftAt(index)),
  );
}

/** Number of Users that any observer has shown offline. */
export function countShownOffline({ sids, observers }: LeftUsers): number {
  return sids.filter((sid) => observers.some((observer) => observer.offlineAt(sid) !== undefined))
    .length;
}
