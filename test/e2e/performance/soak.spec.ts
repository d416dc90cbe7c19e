import { describe, expect, it } from '@jest/globals';
import { change, growthPer, isSteady, medians, p99s, type Reading } from '../../soak/halves.ts';
import { makeSoakPlan, type SoakOptions } from '../../soak/soak-plan.ts';

const SPAN = { from: 0, to: 1_000 };

const readings = (value: (at: number) => number): Reading[] =>
  Array.from({ length: 1_000 }, (_, at) => ({ at, value: value(at) }));

describe('A comparison of two halves', () => {
  it('takes the median of each', () => {
    expect(
      medians(
        readings((at) => (at < 500 ? 1 : 3)),
        SPAN,
      ),
    ).toEqual({ first: 1, second: 3 });
  });

  it('leaves out what is before and after its span', () => {
    const value = (at: number) => (at >= 200 && at < 800 ? 1 : 100);
    expect(medians(readings(value), { from: 200, to: 800 })).toEqual({ first: 1, second: 1 });
  });

  it('does not let one slow window decide about the 99th percentile', () => {
    const value = (at: number) => (at > 500 && at < 550 ? 1_000 : 2);
    expect(p99s(readings(value), SPAN)).toEqual({ first: 2, second: 2 });
  });

  it('divides the growth of one counter by that of another', () => {
    const events = readings((at) => at);
    const bytes = readings((at) => (at < 500 ? at * 10 : 5_000 + (at - 500) * 30));
    const { first, second } = growthPer(bytes, events, SPAN);
    expect(first).toBeCloseTo(10);
    expect(second).toBeCloseTo(30);
  });

  it('accepts a tenth more, and as much as a reference slowed down', () => {
    expect(change({ first: 10, second: 11 })).toBeCloseTo(0.1);
    expect(isSteady({ first: 10, second: 10.9 })).toBe(true);
    expect(isSteady({ first: 10, second: 11.1 })).toBe(false);
    expect(isSteady({ first: 10, second: 16 }, { first: 2, second: 3 })).toBe(true);
    expect(isSteady({ first: 10, second: 17 }, { first: 2, second: 3 })).toBe(false);
    expect(isSteady({ first: 10, second: 12 }, { first: 2, second: 1 })).toBe(false);
  });

  it('fails without a measurement', () => {
    expect(isSteady({ first: Number.NaN, second: 1 })).toBe(false);
  });
});

describe('A plan for a soak', () => {
  const options: SoakOptions = { seed: 1, minutes: 10, graceSeconds: 5, slackMs: 0 };

  it('depends on its options alone', () => {
    expect(makeSoakPlan(options)).toEqual(makeSoakPlan(options));
    expect(makeSoakPlan({ ...options, seed: 2 })).not.toEqual(makeSoakPlan(options));
  });

  it('never lets the process fail whose halves are compared', () => {
    const processes = makeSoakPlan(options).faults.map(({ step }) =>
      'process' in step ? step.process : null,
    );
    expect(processes).toContain('api-1');
    expect(processes).not.toContain('api-0');
  });

  it.each([2, 60])('has every kind of fault in %i minutes', (minutes) => {
    const { faults } = makeSoakPlan({ ...options, minutes });
    const kinds = new Set(faults.map(({ step }) => step.do));
    expect(kinds).toEqual(new Set(['kill', 'cut clients', 'freeze', 'stall clients', 'restart']));
  });
});
