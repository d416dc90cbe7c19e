import { describe, expect, it } from '@jest/globals';
import { MOST_PATIENCE_MS, SlowReaders, type SlowReader } from './slow-readers.ts';

class Reader implements SlowReader {
  unread = 1_000;
  givenUp = 0;

  tooSlow(): void {
    this.givenUp += 1;
  }
}

describe('A reader for which something waits', () => {
  it('is given up once, when it has read nothing for as long as patience lasts', () => {
    const readers = new SlowReaders();
    const reader = new Reader();
    readers.add(reader);
    const began = performance.now();
    readers.look(began + MOST_PATIENCE_MS - 100);
    expect(reader.givenUp).toBe(0);
    readers.look(began + MOST_PATIENCE_MS + 100);
    readers.look(began + MOST_PATIENCE_MS * 3);
    expect(reader.givenUp).toBe(1);
  });

  it('is not given up as long as it reads now and then, or once nothing waits', () => {
    const readers = new SlowReaders();
    const [slow, done] = [new Reader(), new Reader()];
    readers.add(slow);
    readers.add(done);
    const began = performance.now();
    slow.unread -= 1;
    readers.look(began + MOST_PATIENCE_MS - 100);
    readers.remove(done);
    readers.look(began + MOST_PATIENCE_MS + 100);
    readers.remove(slow);
    expect([slow.givenUp, done.givenUp]).toEqual([0, 0]);
  });
});
