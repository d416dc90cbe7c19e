import { describe, expect, it } from '@jest/globals';
import {
  needlesslyClosed,
  Truth,
  type Attempt,
  type Bounds,
  type Outage,
} from '../chaos/oracle.ts';

const BOUNDS: Bounds = {
  graceMs: 5_000,
  stalenessMs: 21_000,
  nodeLostMs: 13_000,
  visibleMs: 2_000,
};
const FINE: readonly Outage[][] = [[], []];

function attempt(given: Partial<Attempt>): Attempt {
  const { startedAt = 0 } = given;
  const lasting = {
    readyAt: startedAt,
    answeredAt: startedAt,
    endedAt: null,
    how: null,
    closeCode: null,
  };
  const token = { expiresAt: 3_600_000 };
  return {
    user: 'ann',
    node: 0,
    startedAt,
    ...lasting,
    ...token,
    blocked: [],
    lateMs: 0,
    ...given,
  };
}

describe('The oracle of a chaos run', () => {
  it('has a client online from when it is ready, once others had the time to learn it', () => {
    const truth = new Truth([attempt({ startedAt: 1_000 })], FINE, BOUNDS);
    expect(truth.falselyOffline(2_900, 3_000)).toBeUndefined();
    expect(truth.falselyOffline(3_000, 9_000)).toBeDefined();
  });

  it('has a client online that is back within the grace, on whichever node', () => {
    const truth = new Truth(
      [
        attempt({ endedAt: 10_000, how: 'abrupt' }),
        attempt({ startedAt: 14_000, node: 1, readyAt: 14_900 }),
      ],
      FINE,
      BOUNDS,
    );
    expect(truth.falselyOffline(12_000, 12_000)).toBeDefined();
  });

  it('holds nobody to a client that comes back after the grace, or that said bye', () => {
    const back = attempt({ startedAt: 14_000, readyAt: 15_100 });
    for (const how of ['abrupt', 'clean'] as const) {
      const endedAt = how === 'clean' ? 13_900 : 10_000;
      const truth = new Truth([attempt({ endedAt, how }), back], FINE, BOUNDS);
      expect(truth.falselyOffline(14_500, 14_500)).toBeUndefined();
    }
  });

  it('holds nobody to a grace that outlasts the token', () => {
    const lost = attempt({ endedAt: 10_000, how: 'abrupt', expiresAt: 11_000 });
    const back = attempt({ startedAt: 13_000, readyAt: 13_000 });
    const truth = new Truth([lost, back], FINE, BOUNDS);
    expect(truth.falselyOffline(12_000, 12_000)).toBeUndefined();
  });

  it('has a ghost where nobody is there past the bound, and none before it', () => {
    const truth = new Truth([attempt({ endedAt: 10_000, how: 'silent' })], FINE, BOUNDS);
    expect(truth.ghost(30_900, 30_950)).toBeUndefined();
    expect(truth.ghost(31_001, 31_050)).toMatchObject({ from: 10_000, how: 'silent' });
  });

  it('has no ghost where a client may be getting in', () => {
    const left = attempt({ endedAt: 10_000, how: 'abrupt' });
    const trying = attempt({ startedAt: 32_000, readyAt: null });
    const truth = new Truth([left, trying], FINE, BOUNDS);
    expect(truth.ghost(31_500, 32_500)).toBeUndefined();
    expect(truth.ghost(31_500, 31_900)).toBeDefined();
  });

  it('knows that nothing is exchanged with a process that does not run', () => {
    const outages: Outage[][] = [[{ kind: 'paused', from: 10_000, to: 30_000 }], []];
    const truth = new Truth([attempt({})], outages, BOUNDS);
    expect(truth.falselyOffline(20_000, 20_000)).toBeUndefined();
    expect(truth.falselyOffline(34_500, 34_500)).toBeDefined();
  });

  it('reckons with the time that is needed where nobody ran', () => {
    const dark: Outage = { kind: 'killed', from: 11_000, to: 40_000 };
    const gone = attempt({ endedAt: 10_000, how: 'abrupt' });
    const truth = new Truth([gone], [[dark], [dark]], BOUNDS);
    expect(truth.ghost(52_000, 52_100)).toBeUndefined();
    expect(truth.ghost(53_100, 53_200)).toBeDefined();
  });

  it('finds a close needless where nothing had befallen the client, its node or the network', () => {
    const given = { endedAt: 40_000, how: 'closed by server', closeCode: 1006 } as const;
    expect(needlesslyClosed(attempt(given), FINE)).toBe(true);
    const stalled = attempt({ ...given, blocked: [{ from: 20_000, to: 39_000 }] });
    expect(needlesslyClosed(stalled, FINE)).toBe(false);
    expect(needlesslyClosed(attempt({ ...given, closeCode: 1012 }), FINE)).toBe(false);
  });
});
