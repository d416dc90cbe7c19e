import { stringify } from 'csv-stringify/sync';

/**
 * Returns one record of CSV (RFC 4180) with its line end; null becomes an empty field. Text that a spreadsheet would
 * run as a formula gets an apostrophe in front, which makes it text (OWASP, "CSV Injection").
 */
export function csvRecord(values: readonly (string | number | null)[]): string {
  return stringify([values], {
    record_delimiter: 'windows',
    quote_record_delimiter: true,
    escape_formulas: true,
  });
}
