import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvRecord } from './csv.ts';

describe('csvRecord', () => {
  it('joins fields with commas and ends with CR LF; null is an empty field', () => {
    expect(csvRecord(['a', 1, null, ''])).toBe('a,1,,\r\n');
  });

  it('quotes fields that contain a comma, a quotation mark or a line end', () => {
    expect(csvRecord(['a,b', 'say "hi"', 'two\nlines'])).toBe(
      '"a,b","say ""hi""","two\nlines"\r\n',
    );
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])(
    'puts an apostrophe in front of the formula %j',
    (text) => {
      expect(parse(csvRecord([text]))).toEqual([[`'${text}`]]);
    },
  );

  it.each([
    ['at full width', '\uff1d1'],
    ['at full width', '\uff0b1'],
    ['at full width', '\uff0d1'],
    ['at full width', '\uff20x'],
    ['as a small form', '\ufe661'],
    ['after a byte order mark', '\ufeff=1+1'],
    ['after a zero-width space', '\u200b=1+1'],
    ['after a zero-width joiner and a soft hyphen', '\u200d\u00ad@x'],
    ['after a word joiner and a direction mark', '\u2060\u202e+1'],
    ['after a variation selector', '\ufe0f-1'],
    ['after a Hangul filler', '\u3164=1'],
    ['after spaces and control characters', ' \u00a0\n\u0000=1'],
    ['at full width after a byte order mark', '\ufeff\uff1d1'],
  ])('puts an apostrophe in front of a formula %s: %j', (_, text) => {
    expect(parse(csvRecord([text]))).toEqual([[`'${text}`]]);
  });

  it.each(['\u200bann', '\ufeff', ' a=b', 'a\u200b=1', '\u00e9=1', "'=1"])(
    'leaves the text %j as it is',
    (text) => {
      expect(parse(csvRecord([text, 'x']))).toEqual([[text, 'x']]);
    },
  );

  it('keeps negative numbers: clients do not write them', () => {
    expect(csvRecord([-1])).toBe('-1\r\n');
  });

  it('is read back as it was written, except for the apostrophe', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (fields) => {
        const [read = []] = parse(csvRecord(fields));
        const isEscaped = (field: string, at: number) => field === `'${fields[at]}`;
        expect(read.map((field, at) => (isEscaped(field, at) ? field.slice(1) : field))).toEqual(
          fields,
        );
      }),
    );
  });
});
