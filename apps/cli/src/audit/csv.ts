import { stringify } from 'csv-stringify/sync';

/**
 * Text that a spreadsheet may run as a formula: it begins with a formula character, also at full width or as a small
 * form, or with invisible characters in front of one, which some spreadsheets remove (OWASP, "CSV Injection").
 */
const FORMULA =
  /^(?:[\t\r]|[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Z}]*[=+\-@＝＋－＠﹦﹢﹣﹫])/u;

/**
 * Returns one record of CSV (RFC 4180) with its line end; null becomes an empty field. Text that a spreadsheet would
 * run as a formula gets an apostrophe in front, which makes it text.
 */
export function csvRecord(values: readonly (string | number | null)[]): string {
  const fields = values.map((value) =>
    typeof value === 'string' && FORMULA.test(value) ? `'${value}` : value,
  );
  return stringify([fields], { record_delimiter: 'windows', quote_record_delimiter: true });
}
