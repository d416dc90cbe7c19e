import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Position } from '#event-store';
import { PublishedPositions } from './published-positions.ts';
import { ReadBarrier } from './read-barrier.ts';

const ANN = { serviceSid: 'IS1', userSid: 'US1' };
const BEN = { serviceSid: 'IS1', userSid: 'US2' };

/** A read model whose checkpoint moves, and whose waits end, as the test says. */
class FakeProgress {
  position: Position | null = '05';
  checkpoint: Position | null = '05';
  shown: Position | null = '05';
  readonly waits: ((isReached: boolean) => void)[] = [];

  readonly refresh = jest.fn(() => {
    this.position = this.checkpoint;
    return Promise.resolve();
  });

  readonly observe = (): Position | null => this.position;

  readonly waitFor = (): Promise<boolean> => new Promise((resolve) => this.waits.push(resolve));
}

describe('The barrier of reads', () => {
  let progress: FakeProgress;
  let published: PublishedPositions;
  let barrier: ReadBarrier;

  beforeEach(() => {
    progress = new FakeProgress();
    published = new PublishedPositions(progress);
    barrier = new ReadBarrier(published, progress);
  });

  const nextWait = async (): Promise<(isReached: boolean) => void> => {
    await new Promise(setImmediate);
    const [wait] = progress.waits.splice(0);
    if (wait === undefined) throw new Error('Nobody waits');
    return wait;
  };

  it('lets a read pass that concerns nothing published, without reading the checkpoint', async () => {
    published.record('07', ANN);
    expect(barrier.isOpen).toBe(false);
    expect(await barrier.pass(BEN, null)).toBe(true);
    expect(progress.refresh).not.toHaveBeenCalled();
  });

  it('holds a read of what was published until the read model shows it', async () => {
    published.record('07', ANN);
    const read = barrier.pass(ANN, null);
    (await nextWait())(true);
    expect(await read).toBe(true);
  });

  it('finds what another process has projected, without a wait', async () => {
    published.record('07', ANN);
    progress.checkpoint = '07';
    expect(await barrier.pass(ANN, null)).toBe(true);
    expect(progress.waits).toEqual([]);
    expect(barrier.isOpen).toBe(true);
  });

  it('waits once while the read model does not move, and again when it has moved', async () => {
    published.record('07', ANN);
    const read = barrier.pass(ANN, null);
    (await nextWait())(false);
    expect(await read).toBe(false);
    expect(await barrier.pass(ANN, null)).toBe(false);
    expect(progress.waits).toEqual([]);
    progress.checkpoint = '06';
    const later = barrier.pass(ANN, null);
    (await nextWait())(true);
    expect(await later).toBe(true);
  });

  it('always waits for a position that the reader names', async () => {
    const first = barrier.pass(BEN, '09');
    (await nextWait())(false);
    expect(await first).toBe(false);
    const second = barrier.pass(BEN, '09');
    (await nextWait())(true);
    expect(await second).toBe(true);
  });

  it('holds every read while the read model shows less than before: its database has crashed', async () => {
    Object.assign(progress, { position: null, checkpoint: '04' });
    expect(barrier.isOpen).toBe(false);
    const read = barrier.pass(BEN, null);
    const settle = await nextWait();
    progress.position = '05';
    settle(true);
    expect(await read).toBe(true);
    expect(barrier.isOpen).toBe(true);
  });
});
