import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  isSameGrant,
  mayWatch,
  NO_WATCH_GRANT,
  toWatchGrant,
  type WatchGrant,
} from './watch-policy.ts';

/** Few letters, so that lists and prefixes often match. */
const identity = fc.string({
  unit: fc.constantFrom('a', 'b', '😀', '/'),
  minLength: 1,
  maxLength: 4,
});
const grant: fc.Arbitrary<WatchGrant> = fc
  .record({
    identities: fc.array(identity, { maxLength: 4 }),
    prefix: fc.option(identity),
  })
  .map(({ identities, prefix }) => toWatchGrant(identities, prefix));

describe('A watch policy', () => {
  it('"all" lets a client watch every User, whatever its token grants', () => {
    fc.assert(
      fc.property(identity, identity, grant, (own, other, granted) => {
        expect(mayWatch('all', { identity: own, watchGrant: granted }, other)).toBe(true);
      }),
    );
  });

  it('"granted" lets a client watch itself, listed identities and those with the prefix, and nobody else', () => {
    fc.assert(
      fc.property(identity, identity, grant, (own, other, granted) => {
        const isListed = [...granted.identities].some((each) => each === other);
        const { prefix } = granted;
        const hasPrefix =
          prefix !== null && Array.from(prefix).every((each, at) => Array.from(other)[at] === each);
        expect(mayWatch('granted', { identity: own, watchGrant: granted }, other)).toBe(
          own === other || isListed || hasPrefix,
        );
      }),
    );
  });

  it('"granted" lets a client with more grants watch no less', () => {
    fc.assert(
      fc.property(identity, identity, grant, grant, (own, other, a, b) => {
        const both = { identities: a.identities.union(b.identities), prefix: a.prefix };
        if (mayWatch('granted', { identity: own, watchGrant: a }, other)) {
          expect(mayWatch('granted', { identity: own, watchGrant: both }, other)).toBe(true);
        }
      }),
    );
  });

  it('"granted" lets a client whose token grants nothing watch only itself', () => {
    const viewer = { identity: 'alice', watchGrant: NO_WATCH_GRANT };
    expect(mayWatch('granted', viewer, 'alice')).toBe(true);
    expect(mayWatch('granted', viewer, 'alice2')).toBe(false);
    expect(mayWatch('granted', viewer, 'Alice')).toBe(false);
  });
});

describe('A watch grant', () => {
  it.each([
    ['an empty prefix', [], ''],
    ['a prefix that no identity can have', [], 'a\u0000'],
    ['half a character as prefix', [], '\ud83d'],
    ['a prefix longer than an identity', [], 'x'.repeat(513)],
    ['an empty identity', [''], null],
    ['the sid of a User', [`US${'1'.repeat(32)}`], null],
    ['too many identities', Array.from({ length: 1_001 }, (_, index) => `user-${index}`), null],
  ] as const)('is refused with %s', (_, identities, prefix) => {
    expect(() => toWatchGrant(identities, prefix)).toThrow(
      expect.objectContaining({ name: 'DomainError' }),
    );
  });

  it('is the same as another with the same identities, in any order, and the same prefix', () => {
    const one = toWatchGrant(['a', 'b'], 'x');
    expect(isSameGrant(one, toWatchGrant(['b', 'a', 'b'], 'x'))).toBe(true);
    expect(isSameGrant(one, toWatchGrant(['a'], 'x'))).toBe(false);
    expect(isSameGrant(one, toWatchGrant(['a', 'b'], null))).toBe(false);
  });
});
