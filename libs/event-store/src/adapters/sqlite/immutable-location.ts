import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { EventStoreUnavailableError } from '../../errors.ts';

/**
 * Returns a location at which SQLite opens a file of a read-only directory: it creates no file beside it and takes no
 * lock. Nobody may write to the file.
 *
 * @throws EventStoreUnavailableError where the file lacks the events of a write-ahead log beside it
 */
export function immutableLocation(path: string): URL {
  const log = `${path}-wal`;
  const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  if (size > 0) {
    throw new EventStoreUnavailableError(
      `${log} is not empty: a server has the store open, or did not stop cleanly. Copy the directory to where it can be written`,
    );
  }
  return new URL(`${pathToFileURL(path).href}?immutable=1`);
}
