import type { DueWork } from '#operational-state';

/** Milliseconds between two looks for due deliveries while some are, or where nothing tells of new ones. */
export const DUE_PAUSE_MS = 250;
/** The same before a delivery becomes due: its claim may be another worker's that died, and taking it over needs a term. */
const WATCHING_PAUSE_MS = 1_000;
/** Longer than the term of a claim. */
const WATCH_BEFORE_MS = 8_000;
const IDLE_PAUSE_MS = 10_000;

/** Returns the milliseconds until the next look by a worker that is woken when others queue deliveries. */
export function pauseUntil({ services, nextAt }: DueWork, now: number): number {
  if (services.length > 0) return DUE_PAUSE_MS;
  if (nextAt === null) return IDLE_PAUSE_MS;
  const untilDue = nextAt - now;
  if (untilDue > WATCH_BEFORE_MS) return Math.min(IDLE_PAUSE_MS, untilDue - WATCH_BEFORE_MS);
  return Math.min(WATCHING_PAUSE_MS, untilDue);
}
