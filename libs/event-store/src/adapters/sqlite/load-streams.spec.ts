import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { historyOf, streamOf } from '../../../../../test/support/user-commands.ts';
import type { EventStore, StoredStream } from '../../event-store.ts';
import { openSqliteEventStore } from './index.ts';

const [ann, bob, cleo] = [streamOf('ann'), streamOf('bob'), streamOf('cleo')];

let folder: string;
let store: EventStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'load-streams-'));
  store = await openSqliteEventStore({ path: join(folder, 'events.db') });
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function load(...streams: string[]): Promise<StoredStream[]> {
  return (await store.loadStreams?.(streams, 3)) ?? [];
}

const snapshotAt = (revision: number, version = 3) => ({
  version,
  revision,
  position: '00000000000000000001',
  state: { at: revision },
});

const revisions = (streams: readonly StoredStream[]): number[][] =>
  streams.map(({ events }) => events.map(({ revision }) => revision));

describe('Loading several streams at once', () => {
  it('returns each stream as a single read does, in the given order', async () => {
    await store.append(ann, 'no_stream', historyOf('ann', 1));
    await store.append(bob, 'no_stream', historyOf('bob', 2));
    const loaded = await load(bob, ann);
    expect(loaded.map(({ events }) => events)).toEqual([
      await Array.fromAsync(store.readStream(bob)),
      await Array.fromAsync(store.readStream(ann)),
    ]);
  });

  it('returns no events of a stream that does not exist', async () => {
    await store.append(ann, 'no_stream', historyOf('ann', 0));
    expect(await load(bob)).toEqual([{ snapshot: null, events: [], isComplete: true }]);
    expect(revisions(await load(bob, ann, cleo))).toEqual([[], [0], []]);
    expect(await load()).toEqual([]);
  });

  it('returns a snapshot and the events after it', async () => {
    await store.append(ann, 'no_stream', historyOf('ann', 4));
    await store.append(bob, 'no_stream', historyOf('bob', 1));
    await store.snapshots.save(ann, snapshotAt(2));
    const loaded = await load(ann, bob);
    expect(revisions(loaded)).toEqual([
      [3, 4],
      [0, 1],
    ]);
    expect(loaded.map(({ snapshot }) => snapshot)).toEqual([snapshotAt(2), null]);
  });

  it('ignores a snapshot of another version', async () => {
    await store.append(ann, 'no_stream', historyOf('ann', 1));
    await store.snapshots.save(ann, snapshotAt(1, 2));
    const loaded = await load(ann);
    expect(loaded[0]?.snapshot).toBeNull();
    expect(revisions(loaded)).toEqual([[0, 1]]);
  });

  it('returns the first events of a long stream, and says that there are more', async () => {
    await store.append(ann, 'no_stream', historyOf('ann', 200));
    await store.append(bob, 'no_stream', historyOf('bob', 1));
    const loaded = await load(ann, bob);
    expect(loaded.map(({ isComplete }) => isComplete)).toEqual([false, true]);
    expect(loaded[0]?.events).toEqual(
      await Array.fromAsync(store.readStream(ann, { limit: loaded[0]?.events.length ?? 0 })),
    );
  });

  it('yields to the event loop during a long load', async () => {
    const streams = Array.from({ length: 100 }, (_, index) => streamOf(`user-${index}`));
    await Promise.all(
      streams.map((stream, index) =>
        store.append(stream, 'no_stream', historyOf(`user-${index}`, 49)),
      ),
    );
    let turns = 0;
    const loading = load(...streams).then((loaded) => ({ loaded }));
    let done: Awaited<typeof loading> | null = null;
    while (done === null) {
      done = await Promise.race([loading, nextTurn(null)]);
      turns += 1;
    }
    expect(done.loaded.map(({ events }) => events.length)).toEqual(streams.map(() => 50));
    expect(turns).toBeGreaterThan(5);
  });
});
