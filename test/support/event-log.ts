import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** An event of the embedded store. */
export interface LoggedEvent {
  readonly stream: string;
  readonly type: string;
  readonly correlationId: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** All events in the embedded store of this data directory, in log order. */
export function eventsIn(dataDir: string): LoggedEvent[] {
  const db = new DatabaseSync(join(dataDir, 'events.db'), { readOnly: true });
  try {
    const rows = db
      .prepare(
        `SELECT stream, type, data, metadata ->> 'correlationId' AS correlation_id FROM events ORDER BY position`,
      )
      .all();
    return rows.map((row) => ({
      stream: String(row['stream']),
      type: String(row['type']),
      correlationId: String(row['correlation_id']),
      data: JSON.parse(String(row['data'])) as LoggedEvent['data'],
    }));
  } finally {
    db.close();
  }
}
