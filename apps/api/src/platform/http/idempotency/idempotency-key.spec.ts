import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseIdempotencyKey } from './idempotency-key.ts';

const UUID = '8e03978e-40d5-43e8-bc93-6894a57f9324';

describe('The Idempotency-Key header', () => {
  it.each([
    ['a UUID', UUID, UUID],
    ['the same key, quoted', `"${UUID}"`, UUID],
    ['Base64', 'a/b+c==', 'a/b+c=='],
    ['a quoted key with spaces and commas', '"order 7, item 2"', 'order 7, item 2'],
    ['a quoted key with escapes', '"a\\"b\\\\c"', 'a"b\\c'],
    ['255 characters', 'x'.repeat(255), 'x'.repeat(255)],
  ])('takes %s', (_, value, key) => {
    expect(parseIdempotencyKey(value)).toBe(key);
  });

  it.each([
    ['an empty value', ''],
    ['an empty string', '""'],
    ['a string without an end', '"abc'],
    ['a string without a beginning', 'abc"'],
    ['an unknown escape', '"a\\b"'],
    ['an escape without a character', '"a\\"'],
    ['parameters', '"abc";d=1'],
    ['two strings', '"abc", "def"'],
    ['two bare keys', 'abc, def'],
    ['spaces in a bare key', 'a b'],
    ['characters beyond ASCII', 'caf\u00e9'],
    ['characters beyond ASCII in a string', '"caf\u00e9"'],
    ['control characters', '"a\tb"'],
    ['256 characters', 'x'.repeat(256)],
    ['256 characters in quotation marks', `"${'x'.repeat(256)}"`],
    ['two headers', ['abc', 'def']],
  ])('refuses %s', (_, value) => {
    expect(() => parseIdempotencyKey(value)).toThrow(
      expect.objectContaining({
        status: 400,
        code: 20001,
        message: expect.stringMatching(/^Idempotency-Key /),
      }),
    );
  });

  it('gives back any printable key that is quoted', () => {
    const printable = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 255 });
    fc.assert(
      fc.property(printable, (key) => {
        const quoted = `"${key.replaceAll(/["\\]/g, '\\$&')}"`;
        expect(parseIdempotencyKey(quoted)).toBe(key);
      }),
    );
  });
});
