import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvRecord } from './csv.ts';

/** Characters that begin a formula in a spreadsheet, some of them also at full width. */
const APOSTROPHE = /^'(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])/;

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

  it('keeps negative numbers: clients do not write them', () => {
    expect(csvRecord([-1])).toBe('-1\r\n');
  });

  it('is read back as it was written, except for the apostrophe', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (fields) => {
        const [read = []] = parse(csvRecord(fields));
        expect(read.map((field) => field.replace(APOSTROPHE, ''))).toEqual(
          fields.map((field) => field.replace(APOSTROPHE, '')),
        );
      }),
    );
  });
});
