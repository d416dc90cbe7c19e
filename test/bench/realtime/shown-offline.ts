import { until } from '../../support/until.ts';
import type { Place } from './witness.ts';

/** Users with the places that are to show all of them offline. */
export interface Absent {
  readonly sids: readonly string[];
  readonly places: readonly Place[];
}

/** Waits until every place shows everybody offline; says so where one does not in time, which the figures show too. */
export async function allShownOffline(
  absent: readonly Absent[],
  patienceMs: number,
): Promise<void> {
  const shown = ({ sids, places }: Absent): boolean =>
    sids.every((sid) => places.every((place) => place.offlineAt(sid) !== undefined));
  await until(
    'everybody to be shown offline',
    () => absent.every(shown) || undefined,
    patienceMs,
  ).catch((error: unknown) => console.log(String(error)));
}

/**
 * Milliseconds from going to being shown offline, at every place; Infinity where that never came.
 *
 * @param goneAt when each of the Users went, by its place in `sids`
 */
export function staleness({ sids, places }: Absent, goneAt: (index: number) => number): number[] {
  return sids.flatMap((sid, index) =>
    places.map((place) => (place.offlineAt(sid) ?? Infinity) - goneAt(index)),
  );
}

/** How many of the Users have been shown offline anywhere. */
export function shownOffline({ sids, places }: Absent): number {
  return sids.filter((sid) => places.some((place) => place.offlineAt(sid) !== undefined)).length;
}
