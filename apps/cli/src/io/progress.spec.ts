import { describe, expect, it } from '@jest/globals';
import { CapturedIo } from '../../../../test/support/captured-io.ts';
import { Progress } from './progress.ts';

function progressOf(io: CapturedIo, total: number | null) {
  let now = 0;
  const progress = new Progress(io, { label: 'Reading', unit: 'events', total, now: () => now });
  return {
    end: () => progress.end(),
    at: (ms: number, done: number) => {
      now = ms;
      progress.update(done);
    },
  };
}

describe('Progress', () => {
  it('shows nothing for work that ends within a second', () => {
    const io = new CapturedIo({ interactive: true });
    const progress = progressOf(io, 100);
    progress.at(999, 99);
    progress.end();
    expect(io.stderr).toBe('');
  });

  it('draws a bar with rate and time left on a terminal, and removes it at the end', () => {
    const io = new CapturedIo({ interactive: true });
    const progress = progressOf(io, 4_000);
    progress.at(1_000, 1_000);
    expect(io.stderr).toBe(
      '\r\u001b[2KReading [######..................] 25% 1,000 of 4,000 events, 1,000 events/s, 3 s left',
    );
    progress.end();
    expect(io.stderr.endsWith('\r\u001b[2K')).toBe(true);
  });

  it('writes a line every 5 s elsewhere', () => {
    const io = new CapturedIo();
    const progress = progressOf(io, null);
    progress.at(1_000, 500);
    progress.at(2_000, 1_000);
    progress.at(6_000, 3_000);
    progress.end();
    expect(io.stderr).toBe(
      'Reading 500 events, 500 events/s\nReading 3,000 events, 500 events/s\n',
    );
  });
});
