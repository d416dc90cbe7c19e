import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { refusalOf } from '../../../test/support/given.ts';
import { assertIdentity, IDENTITY_MAX_LENGTH } from './identity.ts';

const codeOf = (identity: string) => refusalOf(() => assertIdentity(identity));
const HEX = '0123456789abcdef0123456789abcdef';

describe('An identity', () => {
  it.each([
    ['one character', 'a'],
    ['512 characters', 'a'.repeat(512)],
    ['512 emoji, each of two UTF-16 units', '🙂'.repeat(512)],
    ['slashes, percent signs and spaces', ' 50% a/b/../c?d#e '],
    ['control characters other than U+0000', '\u0001\n\u007f'],
    ['names of properties that every object has', '__proto__'],
    ['noncharacters and joiners', '\ufffe\u200d\ufeff'],
    ['a sid of another kind', `IS${HEX}`],
    ['a User sid that is one digit short', `US${HEX.slice(1)}`],
    ['a User sid that is one digit too long', `US${HEX}0`],
    ['a User sid in a longer name', `xUS${HEX}`],
    ['a prefix in lower case', `us${HEX}`],
    ['a digit that is not hexadecimal', `US${HEX.slice(1)}g`],
    ['a User sid with a line break at its end', `US${HEX.slice(1)}\n`],
  ])('may be %s', (_, identity) => {
    expect(codeOf(identity)).toBeUndefined();
  });

  it.each([
    ['empty', '', 'IDENTITY.EMPTY'],
    ['513 characters', 'a'.repeat(513), 'IDENTITY.TOO_LONG'],
    ['513 emoji', '🙂'.repeat(513), 'IDENTITY.TOO_LONG'],
    ['U+0000 within', 'a\u0000b', 'IDENTITY.INVALID_CHARACTER'],
    ['a high surrogate alone', 'a\ud83d', 'IDENTITY.INVALID_CHARACTER'],
    ['a low surrogate alone', '\ude42a', 'IDENTITY.INVALID_CHARACTER'],
    ['a surrogate pair the wrong way round', '\ude42\ud83d', 'IDENTITY.INVALID_CHARACTER'],
    ['a User sid', `US${HEX}`, 'IDENTITY.LOOKS_LIKE_SID'],
    ['a User sid in upper case', `US${HEX.toUpperCase()}`, 'IDENTITY.LOOKS_LIKE_SID'],
  ])('is refused when it is %s', (_, identity, code) => {
    expect(codeOf(identity)).toBe(code);
  });

  it('is measured in code points, in any mix of planes', () => {
    const characters = fc.constantFrom('a', 'é', '漢', '🙂', '𝒳');
    fc.assert(
      fc.property(fc.array(characters, { minLength: 1, maxLength: 1_024 }), (points) => {
        const expected = points.length > IDENTITY_MAX_LENGTH ? 'IDENTITY.TOO_LONG' : undefined;
        expect(codeOf(points.join(''))).toBe(expected);
      }),
    );
  });
});
