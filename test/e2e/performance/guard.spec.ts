import { describe, expect, it } from '@jest/globals';
import { ratioOf } from '../../bench/guard/ratio.ts';
import { COLLAPSE, GUARDED, recordedRatios } from '../../bench/guard/guarded.ts';

/** A collapse shows every time; a disturbance does not. */
const TRIES = 2;
/** A machine that is busy with much else takes ten times as long, and finds the same ratios. */
const PATIENCE_MS = 900_000;

/** Processor times are read from `/proc`. */
(process.platform === 'linux' ? describe : describe.skip)('Compared with a bare baseline', () => {
  const recorded = recordedRatios();

  it.each(Object.entries(GUARDED))(
    '%s does not need twice the processor time that was recorded',
    async (name, measure) => {
      const expected = Object.entries(recorded).find(([key]) => key === name)?.[1];
      const bound = (expected ?? Number.NaN) * COLLAPSE;
      let best = 0;
      for (let turn = 0; turn < TRIES && !(best > bound); turn += 1) {
        best = Math.max(best, await measure());
      }
      expect(best).toBeGreaterThan(bound);
    },
    PATIENCE_MS,
  );
});

describe('A ratio', () => {
  const work = (operations: number, cpuSeconds: number) => () =>
    Promise.resolve({ operations, cpuSeconds });

  it('compares the processor time of one operation', async () => {
    expect(await ratioOf({ ours: work(100, 4), bare: work(50, 1) }, 2)).toBe(0.5);
  });

  it('leaves out the first turn of each', async () => {
    let turns = 0;
    const ours = () => Promise.resolve({ operations: 1, cpuSeconds: turns++ === 0 ? 100 : 1 });
    expect(await ratioOf({ ours, bare: work(1, 1) }, 3)).toBe(1);
  });
});
