import { describe, expect, it } from '@jest/globals';
import { issuedAtOf } from './issued-at.ts';

const key = `SK${'a'.repeat(32)}`;

describe('The time at which a token was issued', () => {
  it.each([
    ['iat', { iat: 3, nbf: 2, jti: `${key}-1` }, 3],
    ['nbf where it has no iat', { nbf: 2, jti: `${key}-1` }, 2],
    ['in jti where it has neither', { jti: `${key}-1511287217` }, 1_511_287_217],
    ['in jti before a suffix', { jti: `${key}-1511287217-0af3` }, 1_511_287_217],
  ])('is its %s', (_, claims, seconds) => {
    expect(issuedAtOf(claims)).toBe(seconds);
  });

  it.each([
    ['it has none of the claims', {}],
    ['its jti is of another form', { jti: 'b7f5a8b2-1511287217' }],
    ['its jti goes on with something else', { jti: `${key}-15112x` }],
    ['its jti is no text', { jti: 1_511_287_217 }],
  ])('is not known if %s', (_, claims) => {
    expect(issuedAtOf(claims)).toBeNull();
  });
});
