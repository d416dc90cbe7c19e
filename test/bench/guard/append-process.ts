/** Appends events to a SQLite file, as the service does or by bare `node:sqlite`, and prints the cost. Run by `log.ts`. */
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { appendTo, connectionOpenedEvents, type Append } from '../append-load.ts';
import { openBareAppends } from '../bare-appends.ts';
import { measure } from '../child-run.ts';

const LANES = 64;
const OURS = 6_000;
const BARE = 1_500;

const [, path = '', what = ''] = process.argv.slice(2);
const make = connectionOpenedEvents(1);

/** @param lanes appends under way at a time */
async function appendAll(
  count: number,
  lanes: number,
  append: (what: Append) => unknown,
): Promise<number> {
  const queue = Array.from({ length: count }, make);
  const lane = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) await append(next);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return count;
}

if (what === 'bare') {
  const bare = openBareAppends(path);
  console.log(JSON.stringify(await measure(() => appendAll(BARE, 1, bare.append))));
  bare.close();
} else {
  const store = await openSqliteEventStore({ path });
  console.log(JSON.stringify(await measure(() => appendAll(OURS, LANES, appendTo(store)))));
  await store.close();
}
