import { describe, expect, it } from '@jest/globals';
import {
  isNeedlessClose,
  UserOracle,
  type Attempt,
  type Bounds,
  type Outage,
} from '../../chaos/oracle.ts';

const BOUNDS: Bounds = {
  graceMs: 5_000,
  stalenessMs: 21_000,
  nodeLostMs: 13_000,
  visibleMs: 2_000,
};
const NO_OUTAGES: readonly Outage[][] = [[], []];

function attempt(given: Partial<Attempt>): Attempt {
  const { startedAt = 0 } = given;
  const open = {
    readyAt: startedAt,
    answeredAt: startedAt,
    endedAt: null,
    endCause: null,
    closeCode: null,
  };
  const token = { expiresAt: 3_600_000 };
  return {
    user: 'ann',
    node: 0,
    startedAt,
    ...open,
    ...token,
    blocked: [],
    lateMs: 0,
    ...given,
  };
}

describe('The oracle of a chaos run', () => {
  it('expects a client online once it is ready and the visibility time has passed', () => {
    const oracle = new UserOracle([attempt({ startedAt: 1_000 })], NO_OUTAGES, BOUNDS);
    expect(oracle.falselyOffline(2_900, 3_000)).toBeUndefined();
    expect(oracle.falselyOffline(3_000, 9_000)).toBeDefined();
  });

  it('expects a client online that returns to any node within its grace period', () => {
    const oracle = new UserOracle(
      [
        attempt({ endedAt: 10_000, endCause: 'abrupt' }),
        attempt({ startedAt: 14_000, node: 1, readyAt: 14_900 }),
      ],
      NO_OUTAGES,
      BOUNDS,
    );
    expect(oracle.falselyOffline(12_000, 12_000)).toBeDefined();
  });

  it('accepts offline for a client that returns after its grace period or a clean close', () => {
    const back = attempt({ startedAt: 14_000, readyAt: 15_100 });
    for (const endCause of ['abrupt', 'clean'] as const) {
      const endedAt = endCause === 'clean' ? 13_900 : 10_000;
      const oracle = new UserOracle([attempt({ endedAt, endCause }), back], NO_OUTAGES, BOUNDS);
      expect(oracle.falselyOffline(14_500, 14_500)).toBeUndefined();
    }
  });

  it('accepts offline after the token expired, within the grace period', () => {
    const lost = attempt({ endedAt: 10_000, endCause: 'abrupt', expiresAt: 11_000 });
    const back = attempt({ startedAt: 13_000, readyAt: 13_000 });
    const oracle = new UserOracle([lost, back], NO_OUTAGES, BOUNDS);
    expect(oracle.falselyOffline(12_000, 12_000)).toBeUndefined();
  });

  it('finds a ghost after the staleness bound, and none before it', () => {
    const oracle = new UserOracle(
      [attempt({ endedAt: 10_000, endCause: 'silent' })],
      NO_OUTAGES,
      BOUNDS,
    );
    expect(oracle.ghost(30_900, 30_950)).toBeUndefined();
    expect(oracle.ghost(31_001, 31_050)).toMatchObject({ from: 10_000, cause: 'silent' });
  });

  it('finds no ghost while a client may be connecting', () => {
    const left = attempt({ endedAt: 10_000, endCause: 'abrupt' });
    const trying = attempt({ startedAt: 32_000, readyAt: null });
    const oracle = new UserOracle([left, trying], NO_OUTAGES, BOUNDS);
    expect(oracle.ghost(31_500, 32_500)).toBeUndefined();
    expect(oracle.ghost(31_500, 31_900)).toBeDefined();
  });

  it('accepts offline while the process of the client is paused', () => {
    const outages: Outage[][] = [[{ kind: 'paused', from: 10_000, to: 30_000 }], []];
    const oracle = new UserOracle([attempt({})], outages, BOUNDS);
    expect(oracle.falselyOffline(20_000, 20_000)).toBeUndefined();
    expect(oracle.falselyOffline(34_500, 34_500)).toBeDefined();
  });

  it('extends the deadline by the time in which no node ran', () => {
    const dark: Outage = { kind: 'killed', from: 11_000, to: 40_000 };
    const gone = attempt({ endedAt: 10_000, endCause: 'abrupt' });
    const oracle = new UserOracle([gone], [[dark], [dark]], BOUNDS);
    expect(oracle.ghost(52_000, 52_100)).toBeUndefined();
    expect(oracle.ghost(53_100, 53_200)).toBeDefined();
  });

  it('calls a close needless if the client, its node and the network had no fault', () => {
    const given = { endedAt: 40_000, endCause: 'closed by server', closeCode: 1006 } as const;
    expect(isNeedlessClose(attempt(given), NO_OUTAGES)).toBe(true);
    const stalled = attempt({ ...given, blocked: [{ from: 20_000, to: 39_000 }] });
    expect(isNeedlessClose(stalled, NO_OUTAGES)).toBe(false);
    expect(isNeedlessClose(attempt({ ...given, closeCode: 1012 }), NO_OUTAGES)).toBe(false);
  });
});
