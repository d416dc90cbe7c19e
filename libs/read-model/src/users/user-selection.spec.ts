import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rangeOf, userConditions } from './user-selection.ts';

const ENABLED = { reachabilityEnabled: true, flagPosition: '0005' };
const DISABLED = { reachabilityEnabled: false, flagPosition: '0005' };
const NEVER = { reachabilityEnabled: false, flagPosition: null };

/** Whether a text is in a range, in order of code points. */
function isIn(text: string, prefix: string): boolean {
  const { from, before } = rangeOf(prefix);
  const bytes = Buffer.from(text);
  return (
    Buffer.compare(bytes, Buffer.from(from)) >= 0 &&
    (before === null || Buffer.compare(bytes, Buffer.from(before)) < 0)
  );
}

describe('A range of identities', () => {
  it('has exactly the texts that begin with the prefix', () => {
    const text = fc.string({ unit: 'binary', maxLength: 4 });
    const prefix = fc.string({ unit: 'binary', minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(prefix, text, text, (begin, end, other) => {
        expect(isIn(begin + end, begin)).toBe(true);
        expect(isIn(other, begin)).toBe(other.startsWith(begin));
      }),
    );
  });

  it.each([
    ['a', 'b'],
    ['team-%', 'team-&'],
    ['\u{d7ff}', '\u{e000}'],
    ['a\u{10ffff}', 'b'],
    ['\u{ffff}', '\u{10000}'],
    ['\u{10ffff}\u{10ffff}', null],
  ])('that begin with %j ends before %j', (prefix, before) => {
    expect(rangeOf(prefix)).toEqual({ from: prefix, before });
  });
});

describe('The answers of a selection', () => {
  it.each([
    ['online', { isOnline: true }, [2, 3]],
    ['offline', { isOnline: false }, [0, 1]],
    ['notifiable', { isNotifiable: true }, [1, 3]],
    ['not notifiable', { isNotifiable: false }, [0, 2]],
    ['offline and notifiable', { isOnline: false, isNotifiable: true }, [1]],
    ['online and not notifiable', { isOnline: true, isNotifiable: false }, [2]],
  ] as const)(
    '%s are states of Users that connected under the present flag',
    (_, filter, states) => {
      const answer = { kind: 'answered', flag: '0005', states };
      expect(userConditions(filter, ENABLED)).toEqual({ answer, identities: null });
    },
  );

  it('null are those of Users that connected under an earlier flag or never', () => {
    const unanswered = { answer: { kind: 'unanswered', flag: '0005' }, identities: null };
    for (const filter of [
      { isOnline: null },
      { isNotifiable: null },
      { isOnline: null, isNotifiable: null },
    ]) {
      expect(userConditions(filter, ENABLED)).toEqual(unanswered);
    }
  });

  it('select nobody where one is null and the other is not', () => {
    expect(userConditions({ isOnline: null, isNotifiable: false }, ENABLED)).toBeNull();
    expect(userConditions({ isOnline: true, isNotifiable: null }, DISABLED)).toBeNull();
  });

  it.each([
    ['disabled', DISABLED],
    ['never enabled', NEVER],
  ])('are all null while reachability is %s', (_, service) => {
    expect(userConditions({ isOnline: null }, service)).toEqual({ answer: null, identities: null });
    expect(userConditions({ isOnline: false }, service)).toBeNull();
  });
});
