import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Position } from '#event-store';
import type { ChangeListener } from './change-signals.ts';
import { ReadModelProgress } from './read-model-progress.ts';

const LONG_MS = 60_000;

describe('The progress of a read model', () => {
  let checkpoint: Position | null;
  const read = jest.fn(() => Promise.resolve({ position: checkpoint }));

  beforeEach(() => {
    checkpoint = '05';
    read.mockClear();
  });

  it('is found by looks, only while somebody waits, where nothing tells of it', async () => {
    const progress = new ReadModelProgress({ checkpoint: read });
    expect(await progress.waitFor('05', LONG_MS)).toBe(true);
    expect(progress.position).toBe('05');
    const looks = read.mock.calls.length;
    await new Promise(setImmediate);
    expect(read).toHaveBeenCalledTimes(looks);
  });

  describe('that a database tells of', () => {
    let database: ChangeListener<Position>;
    let progress: ReadModelProgress;

    beforeEach(async () => {
      progress = new ReadModelProgress(
        { checkpoint: read },
        { moves: (listener) => (database = listener) },
      );
      database.onListening();
      await progress.refresh();
      read.mockClear();
    });

    it('is read once when the database begins to tell, as it may have moved before', () => {
      expect(progress.position).toBe('05');
    });

    it('wakes those who wait, without a look', async () => {
      const reached = progress.waitFor('07', LONG_MS);
      database.onChange('06');
      database.onChange('08');
      expect(await reached).toBe(true);
      expect(read).not.toHaveBeenCalled();
    });

    it('is found by a look where a message does not arrive', async () => {
      const reached = progress.waitFor('07', LONG_MS);
      checkpoint = '07';
      expect(await reached).toBe(true);
    });

    it('tells its listeners of each move, and of no other message', () => {
      const moved = jest.fn();
      progress.onMove(moved);
      for (const position of ['06', '06', '04', '07']) database.onChange(position);
      expect(moved).toHaveBeenCalledTimes(2);
    });

    it('is unknown once the connection is lost, until it is read again', async () => {
      database.onLost();
      expect(progress).toMatchObject({ position: null, shown: '05' });
      checkpoint = '04';
      database.onListening();
      await progress.refresh();
      expect(progress).toMatchObject({ position: '04', shown: '05' });
    });

    it('is found by looks while the connection is lost', async () => {
      database.onLost();
      const reached = progress.waitFor('07', LONG_MS);
      checkpoint = '07';
      expect(await reached).toBe(true);
    });
  });
});
