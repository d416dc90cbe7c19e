import { describe, expect, it } from '@jest/globals';
import type { Snapshot } from '#event-store';
import type { StoresUnderTest } from '../event-store.contract.ts';
import { Follower } from './follower.ts';
import { collect, newEvents, newStream } from './samples.ts';

export function snapshotContract(subject: StoresUnderTest): void {
  const snapshotAt = (revision: number): Snapshot => ({
    version: 3,
    revision,
    position: '00000000000000000042',
    state: { open: ['Zoë 👋'], since: null, revision },
  });

  describe('snapshots', () => {
    it('are null for a stream without one', async () => {
      expect(await subject.store.snapshots.load(newStream())).toBeNull();
    });

    it('are loaded as saved, also in another store', async () => {
      const stream = newStream();
      await subject.store.snapshots.save(stream, snapshotAt(7));
      const other = await subject.open();
      expect(await other.snapshots.load(stream)).toEqual(snapshotAt(7));
      await other.close();
    });

    it('are replaced by later ones', async () => {
      const stream = newStream();
      for (const revision of [1, 2, 3]) {
        await subject.store.snapshots.save(stream, snapshotAt(revision));
      }
      expect(await subject.store.snapshots.load(stream)).toEqual(snapshotAt(3));
    });

    it('are separate for each stream', async () => {
      const [one, two] = [newStream(), newStream()];
      await subject.store.snapshots.save(one, snapshotAt(1));
      await subject.store.snapshots.save(two, snapshotAt(2));
      expect(await subject.store.snapshots.load(one)).toEqual(snapshotAt(1));
    });

    it('are not part of the log: readStream, readAll, subscribe and head ignore them', async () => {
      const stream = newStream();
      const { position } = await subject.store.append(stream, 'no_stream', newEvents(2));
      const follower = new Follower(subject.store, { after: position });
      await follower.until(({ caughtUp }) => caughtUp);
      const before = await subject.store.head();
      await subject.store.snapshots.save(stream, snapshotAt(1));
      expect(await subject.store.head()).toBe(before);
      await subject.store.append(stream, 1, newEvents(1));
      await follower.until(() => follower.events(stream).length === 1);
      await follower.stop();
      const read = await collect(subject.store.readAll({ after: position }));
      for (const events of [follower.events(), read]) {
        expect(events.filter((event) => event.stream.includes(stream))).toHaveLength(1);
      }
      expect(await collect(subject.store.readStream(stream))).toHaveLength(3);
    });
  });
}
