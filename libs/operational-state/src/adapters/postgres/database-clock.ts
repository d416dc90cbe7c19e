import { integer } from '#projections/adapters/columns';
import type { Database } from '#postgres';
import type { SharedClock } from '../../operational-state.ts';

/** Returns the clock of the database. The clocks of machines may differ, so their times do not compare. */
export function databaseClock(database: Database): SharedClock {
  return async () => {
    const [row] = await database.query(
      'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now',
    );
    return integer(row ?? {}, 'now');
  };
}
