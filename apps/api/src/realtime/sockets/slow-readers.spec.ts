import { describe, expect, it } from '@jest/globals';
import { READ_TIMEOUT_MS, SlowReaders, type SlowReader } from './slow-readers.ts';

class Reader implements SlowReader {
  unread = 1_000;
  timeouts = 0;

  onReadTimeout(): void {
    this.timeouts += 1;
  }
}

describe('SlowReaders', () => {
  it('reports a client once when it has read nothing for the whole timeout', () => {
    const readers = new SlowReaders();
    const reader = new Reader();
    readers.add(reader);
    const began = performance.now();
    readers.check(began + READ_TIMEOUT_MS - 100);
    expect(reader.timeouts).toBe(0);
    readers.check(began + READ_TIMEOUT_MS + 100);
    readers.check(began + READ_TIMEOUT_MS * 3);
    expect(reader.timeouts).toBe(1);
  });

  it('does not report a client that reads now and then, or one with nothing to read', () => {
    const readers = new SlowReaders();
    const [slow, done] = [new Reader(), new Reader()];
    readers.add(slow);
    readers.add(done);
    const began = performance.now();
    slow.unread -= 1;
    readers.check(began + READ_TIMEOUT_MS - 100);
    readers.remove(done);
    readers.check(began + READ_TIMEOUT_MS + 100);
    readers.remove(slow);
    expect([slow.timeouts, done.timeouts]).toEqual([0, 0]);
  });
});
