import type { StoreHealth } from '#event-store';

/** A store in the answer of `/health/ready`. Times are ISO 8601. */
export interface StorePart {
  readonly status: 'ok' | 'unwritable' | 'unavailable';
  /** Since when it has this status; absent with `ok`. */
  readonly since?: string;
  /** Why it cannot be written; absent otherwise. */
  readonly reason?: string;
  /** When it last answered a read of this process; null before the first. */
  readonly last_read_at: string | null;
  /** When it last confirmed a write of this process; null before the first. */
  readonly last_write_at: string | null;
}

/** Returns how a store is, for everybody: the reason why one does not answer may contain addresses, so it is left out. */
export function storePart({
  state,
  since,
  reason,
  lastGoodReadAt,
  lastGoodWriteAt,
}: StoreHealth): StorePart {
  const times = { last_read_at: iso(lastGoodReadAt), last_write_at: iso(lastGoodWriteAt) };
  if (state === 'up') return { status: 'ok', ...times };
  const began = { since: new Date(since).toISOString(), ...times };
  if (state === 'away') return { status: 'unavailable', ...began };
  return { status: 'unwritable', ...(reason === null ? {} : { reason }), ...began };
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
