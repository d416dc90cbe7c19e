/** One field and what ends it: text in quotation marks, where they stand doubled, or text without any. */
const FIELD = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;

/**
 * The fields of one record of CSV (RFC 4180).
 *
 * @throws Error where a quotation mark stands inside of a field that does not begin with one
 */
export function csvFields(record: string): string[] {
  const fields: string[] = [];
  FIELD.lastIndex = 0;
  for (;;) {
    const match = FIELD.exec(record);
    if (match === null) throw new Error('It is no CSV: a quotation mark is out of place');
    const [, quoted, plain = '', end] = match;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '') return fields;
  }
}
