/**
 * Durable appends per second to the embedded event store, beside the least that SQLite itself needs for the same:
 * a loop over one prepared INSERT, each committed and synced on its own. The two take turns, so that what else
 * the machine does meets both. Run: `node --conditions=source test/bench/append-sqlite.ts [seed]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { deriveSid, userSid, userStream, uuidV5 } from '#domain';
import type { EventStore, NewEvent } from '#event-store';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { EVENTS_TABLE } from '#event-store/adapters/sqlite/file-format';
import { Measurement, printMachine, printMeasurement, seededRandom } from './report.ts';

const ROUNDS = 5;
const TURN_MS = 1_000;
const SERVICE_SID = deriveSid('IS', 'bench');

const seed = Number(process.argv[2] ?? 1);
const random = seededRandom(seed);
let made = 0;

interface Append {
  readonly stream: string;
  readonly event: NewEvent;
}

/** A first connection of a User who was never seen before: some 420 bytes of payload and metadata. */
function connectionOpened(): Append {
  made += 1;
  const commandId = uuidV5(`${seed}/${made}`);
  const user = userSid(SERVICE_SID, `user-${made}-${Math.floor(random() * 1e9)}`);
  const event: NewEvent = {
    id: uuidV5(`${commandId}/0`),
    type: 'ConnectionOpened',
    schemaVersion: 1,
    data: {
      serviceSid: SERVICE_SID,
      userSid: user,
      connectionSid: deriveSid('CN', commandId),
      transport: 'stream',
      node: { nodeId: 'api-1', incarnation: 3 },
      deviceId: null,
      ttlSeconds: null,
    },
    metadata: {
      occurredAt: '2026-01-01T00:00:00.000Z',
      correlationId: commandId,
      causationId: commandId,
      actor: 'node:api-1',
    },
  };
  return { stream: userStream(user), event };
}

/** Appends one after another until the turn is over; what is appended is made outside of the time measured. */
async function turn(
  into: Measurement,
  lanes: number,
  append: (what: Append) => unknown,
): Promise<void> {
  const queue = Array.from({ length: lanes === 1 ? 20_000 : 60_000 }, connectionOpened);
  const start = performance.now();
  const end = start + TURN_MS;
  const lane = async () => {
    for (let before = performance.now(); before < end;) {
      const next = queue.pop();
      if (next === undefined) throw new Error('The turn outlasted what was made for it');
      const pending = append(next);
      if (pending instanceof Promise) await pending;
      const after = performance.now();
      into.record(after - before);
      before = after;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  into.addElapsed(performance.now() - start);
}

function openBare(path: string): { append: (what: Append) => void; close: () => void } {
  const db = new DatabaseSync(path);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  db.exec(EVENTS_TABLE);
  const insert = db.prepare(
    `INSERT INTO events (stream, revision, id, type, schema_version, data, metadata)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  return {
    append: ({ stream, event: { id, type, schemaVersion, data, metadata } }) => {
      const json = [JSON.stringify(data), JSON.stringify(metadata)] as const;
      insert.run(stream, 0, id, type, schemaVersion, ...json);
    },
    close: () => db.close(),
  };
}

const appendTo =
  (store: EventStore) =>
  ({ stream, event }: Append) =>
    store.append(stream, 'no_stream', [event]);

const directory = mkdtempSync(join(tmpdir(), 'bench-append-'));
try {
  printMachine(seed);
  const bare = openBare(join(directory, 'bare.db'));
  const store = await openSqliteEventStore({ path: join(directory, 'events.db') });
  const results = { bare: new Measurement(), one: new Measurement(), many: new Measurement() };
  await turn(new Measurement(), 64, appendTo(store));
  await turn(new Measurement(), 1, bare.append);
  for (let round = 0; round < ROUNDS; round += 1) {
    await turn(results.bare, 1, bare.append);
    await turn(results.one, 1, appendTo(store));
    await turn(results.many, 64, appendTo(store));
  }
  await store.close();
  bare.close();
  printMeasurement('bare node:sqlite', results.bare);
  printMeasurement('event store, 1 at a time', results.one, results.bare);
  printMeasurement('event store, 64 at a time', results.many, results.bare);
} finally {
  rmSync(directory, { recursive: true });
}
