import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '../../envelope.ts';
import type { EventStore } from '../../event-store.ts';
import { openSqliteEventStore } from './index.ts';

const SCRIPT = fileURLToPath(
  new URL('../../../../../test/fixtures/sqlite-writer.ts', import.meta.url),
);

type Child = ChildProcessByStdio<null, Readable, null>;

interface Acknowledged {
  readonly stream: string;
  readonly ids: readonly string[];
  readonly position: string;
  readonly at: number;
}

async function* acknowledgedBy(child: Child): AsyncGenerator<Acknowledged, void> {
  for await (const line of createInterface({ input: child.stdout })) {
    yield JSON.parse(line) as Acknowledged;
  }
}

describe('several processes on one file', () => {
  let directory: string;
  let path: string;
  let store: EventStore;
  const children = new Set<Child>();

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'event-store-'));
    path = join(directory, 'events.db');
    store = await openSqliteEventStore({ path });
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
    await store.close();
    await rm(directory, { recursive: true });
  });

  function start(...args: readonly string[]): Child {
    const child = spawn(process.execPath, ['--conditions=source', SCRIPT, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    children.add(child);
    return child;
  }

  async function events(): Promise<RecordedEvent[]> {
    const all: RecordedEvent[] = [];
    for await (const event of store.readAll()) all.push(event);
    return all;
  }

  it("see each other's appends within half a second, even when idle", async () => {
    const messages = store.subscribe()[Symbol.asyncIterator]();
    await messages.next();
    const acknowledged = acknowledgedBy(start('increment', path, 'theirs', '1')).next();
    const seen = await messages.next();
    const seenAt = Date.now();
    expect(seen.value).toMatchObject({ kind: 'event', event: { stream: 'theirs', revision: 0 } });
    expect(seenAt - ((await acknowledged).value?.at ?? 0)).toBeLessThan(500);
  });

  it('lose no append, and never see a gap in the log', async () => {
    const [processes, times] = [3, 40];
    const exits = Array.from({ length: processes }, () => {
      const child = start('increment', path, 'shared', String(times));
      child.stdout.resume();
      return once(child, 'exit');
    });
    const followed: RecordedEvent[] = [];
    for await (const message of store.subscribe()) {
      if (message.kind === 'event') followed.push(message.event);
      if (followed.length === processes * times) break;
    }
    expect(await Promise.all(exits)).toEqual(Array.from({ length: processes }, () => [0, null]));
    expect(followed.map(({ revision }) => revision)).toEqual(followed.map((_, index) => index));
    expect(followed.map(({ position }) => Number(position))).toEqual(
      followed.map((_, index) => index + 1),
    );
    expect(new Set(followed.map(({ id }) => id)).size).toBe(processes * times);
    expect(await events()).toEqual(followed);
  });

  it.each([1, 2, 3, 4])(
    'keep whole what one acknowledged before it was killed (%i)',
    async (round) => {
      const child = start('flood', path, `round-${round}`);
      const exit = once(child, 'exit');
      const acknowledged: Acknowledged[] = [];
      const enough = 1 + Math.floor(Math.random() * 400);
      for await (const append of acknowledgedBy(child)) {
        acknowledged.push(append);
        if (acknowledged.length === enough) child.kill('SIGKILL');
      }
      expect(await exit).toEqual([null, 'SIGKILL']);

      await store.close();
      store = await openSqliteEventStore({ path });
      const recorded = await events();
      const byId = new Map(recorded.map((event) => [event.id, event]));
      for (const { stream, ids, position } of acknowledged) {
        expect(ids.map((id) => byId.get(id)?.stream)).toEqual([stream, stream, stream]);
        expect(byId.get(ids.at(-1) ?? '')?.position).toBe(position);
      }
      expect(recorded.length % 3).toBe(0);
    },
  );
});
