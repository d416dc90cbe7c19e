import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TwilioError } from '#twilio-wire/twilio-error';
import { parseForm as parse } from './form.ts';

/** False where `URLSearchParams` puts U+FFFD in the place of invalid bytes. */
const isUtf8Encoded = (body: string) => !new URLSearchParams(body).toString().includes('%EF%BF%BD');
const parseForm = (body: string | Buffer) => parse(Buffer.from(body));

describe('A form-encoded body', () => {
  it('is read as its parameters, a repeated one as a list', () => {
    expect(parseForm('a=1&b=x%20y+z&a=2&c&a=3&%C3%A9=%F0%9F%A6%8A')).toEqual({
      a: ['1', '2', '3'],
      b: 'x y z',
      c: '',
      é: '🦊',
    });
    expect(parseForm('')).toEqual({});
  });

  it('may contain percent signs that encode nothing', () => {
    expect(parseForm('a=50%&b=%zz')).toEqual({ a: '50%', b: '%zz' });
  });

  it('may contain U+FFFD that the client sent', () => {
    expect(parseForm('a=%EF%BF%BD')).toEqual({ a: '\ufffd' });
  });

  it.each(['a=%ff', 'a=caf%E9', '%ff=a', 'a=%ed%a0%80', 'a=%c0%ae'])(
    'is refused where it encodes what is no UTF-8: %s',
    (body) => {
      expect(() => parseForm(body)).toThrow(TwilioError);
    },
  );

  it('is refused where its own bytes are not UTF-8', () => {
    expect(() => parseForm(Buffer.from('a=caf\xe9', 'latin1'))).toThrow(TwilioError);
  });

  it('is refused with a parameter named __proto__', () => {
    expect(() => parseForm('__proto__=x')).toThrow(TwilioError);
    expect(parseForm('constructor=x')).toEqual({ constructor: 'x' });
  });

  it('is read as the parameters that were encoded', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((name) => name !== '__proto__');
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(text, text), { selector: ([name]) => name }), (pairs) => {
        expect(parseForm(new URLSearchParams(pairs).toString())).toEqual(Object.fromEntries(pairs));
      }),
    );
  });

  it('is read as URLSearchParams reads it', () => {
    const piece = fc.oneof(
      fc.constantFrom('&', '=', '+', '%', '%2', '%zz', '%41', '%C3%A9', '%c3%a9', '?'),
      fc.string({ unit: 'grapheme-ascii' }),
    );
    const body = fc.array(piece).map((pieces) => `a=${pieces.join('')}`);
    fc.assert(
      fc.property(body, (text) => {
        const names = [...new URLSearchParams(text).keys()];
        fc.pre(!names.includes('__proto__') && isUtf8Encoded(text));
        const expected = names.map((name) => [name, new URLSearchParams(text).getAll(name)]);
        const actual = Object.entries(parseForm(text)).map(([name, value]) => [
          name,
          [value].flat(),
        ]);
        expect(Object.fromEntries(actual)).toEqual(Object.fromEntries(expected));
      }),
    );
  });

  it('of a hundred thousand parameters is read in linear time', () => {
    const body = Array.from({ length: 100_000 }, (_, index) => `${index}=`).join('&');
    const startedAt = performance.now();
    expect(Object.keys(parseForm(body))).toHaveLength(100_000);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
