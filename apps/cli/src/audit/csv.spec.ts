import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { csvRecord } from './csv.ts';

/** Reads one record as RFC 4180 has it. */
function parse(record: string): string[] {
  const body = `,${record.slice(0, -2)}`;
  return [...body.matchAll(/,(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}

describe('csvRecord', () => {
  it('joins fields by commas and ends with CR LF, null being empty', () => {
    expect(csvRecord(['a', 1, null, ''])).toBe('a,1,,\r\n');
  });

  it('quotes what holds a comma, a quote or a line end', () => {
    expect(csvRecord(['a,b', 'say "hi"', 'two\nlines'])).toBe(
      '"a,b","say ""hi""","two\nlines"\r\n',
    );
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('disarms the formula %j', (text) => {
    const [field] = parse(csvRecord([text]));
    expect(field).toBe(`'${text}`);
  });

  it('leaves numbers as they are: they are not from clients', () => {
    expect(csvRecord([-1])).toBe('-1\r\n');
  });

  it('is read back as it was written, but for the apostrophe', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (fields) => {
        const read = parse(csvRecord(fields));
        expect(read.map((field) => field.replace(/^'(?=[=+\-@\t\r])/, ''))).toEqual(
          fields.map((field) => field.replace(/^'(?=[=+\-@\t\r])/, '')),
        );
      }),
    );
  });
});
