import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { context, historyOf, rename, streamOf, userCommands } from '../../support/user-commands.ts';
import type { Growth, Point } from './curves.ts';

const LENGTHS = [10, 100, 1_000, 10_000, 100_000];
const COMMANDS = 300;
const CHUNK = 1_000;

/** A command to a User, and the first one in a process that has no snapshot, against the events of the User's stream. */
export async function streamsGrowth(): Promise<Growth> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-growth-'));
  const store = await openSqliteEventStore({ path: join(directory, 'events.db') });
  const first: Point[] = [];
  const later: Point[] = [];
  try {
    for (const length of LENGTHS) {
      const identity = `user-${length}`;
      const events = historyOf(identity, length - 1).map((event, index) => ({
        ...event,
        id: `${identity} ${index}`,
      }));
      for (let from = 0; from < events.length; from += CHUNK) {
        const revision = from === 0 ? 'no_stream' : from - 1;
        await store.append(streamOf(identity), revision, events.slice(from, from + CHUNK));
      }
      const commands = userCommands(store);
      const send = (n: number) =>
        commands.handle(streamOf(identity), rename(`new ${n}`), context(`${identity} new ${n}`));
      first.push({ x: length, y: await cpuMsOf(1, send) });
      later.push({ x: length, y: await cpuMsOf(COMMANDS, (n) => send(n + 1)) });
    }
  } finally {
    await store.close();
    rmSync(directory, { recursive: true });
  }
  return {
    id: 'streams',
    title: 'A command against the length of its stream',
    x: 'events in the stream',
    y: 'ms of processor time',
    curves: [
      { name: 'a command', points: later },
      { name: 'the first, without a snapshot', points: first },
    ],
  };
}

/** Processor time of one, in milliseconds. */
async function cpuMsOf(count: number, act: (n: number) => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let n = 0; n < count; n += 1) await act(n);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / count;
}
