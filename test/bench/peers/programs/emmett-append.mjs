/**
 * Appends events with Emmett to a SQLite file, one at a time, each to a stream of its own, for a time, and prints a JSON document:
 * arguments are the file and the milliseconds. Events arrive as JSON on standard input, so that making them is not measured.
 */
import { STREAM_DOES_NOT_EXIST } from '@event-driven-io/emmett';
import { getSQLiteEventStore } from '@event-driven-io/emmett-sqlite';
import { json } from 'node:stream/consumers';

const [fileName = '', milliseconds = ''] = process.argv.slice(2);
const appends = await json(process.stdin);
const store = getSQLiteEventStore({ fileName });
let operations = 0;
/** Emmett opens the file for each append, and does not wait for the setting that it begins with: on a busy machine, a commit may fail. */
const succeeds = async (stream, event) => {
  try {
    await store.appendToStream(stream, [event], { expectedStreamVersion: STREAM_DOES_NOT_EXIST });
    return true;
  } catch (error) {
    if (error.code === 'SQLITE_BUSY') return false;
    throw error;
  }
};
const append = async () => {
  const { stream, event } = appends[operations];
  operations += 1;
  const { type, data, metadata } = event;
  for (let isDone = false; !isDone;) isDone = await succeeds(stream, { type, data, metadata });
};
for (let warming = 0; warming < 50; warming += 1) await append();
const warm = operations;
const startedAt = performance.now();
const before = process.cpuUsage();
while (performance.now() < startedAt + Number(milliseconds)) await append();
const { user, system } = process.cpuUsage(before);
const ms = performance.now() - startedAt;
// It logs such errors, too, so the result is the last line.
console.log(JSON.stringify({ operations: operations - warm, ms, cpuMs: (user + system) / 1_000 }));
process.exit();
