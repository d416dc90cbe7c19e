import { pipeline } from 'node:stream';
import { CsvError, parse, type Parser } from 'csv-parse';
import { columnsOf, peekLine, separatorOf } from './csv-header.ts';
import { toImportedUser, type ImportedUser } from './imported-user.ts';
import { atLine, InvalidLineError, MAX_RECORD_LENGTH, TOO_LONG } from './invalid-line.ts';

/**
 * Yields the Users of a CSV text (RFC 4180) whose first record is the header. The fields may also be separated by
 * semicolons or tabs.
 *
 * @throws InvalidLineError at the first invalid record
 */
export async function* csvUsers(text: AsyncIterable<string>): AsyncGenerator<ImportedUser> {
  let columns = 0;
  /** Lines of the records read so far: the parser counts a CR LF between quotation marks as two. */
  let lines = 0;
  const { line: firstLine, whole } = await peekLine(text, MAX_RECORD_LENGTH);
  const parser: Parser = parse<ImportedUser, Readonly<Record<string, string>>>({
    columns: (header): string[] => {
      const line: number = parser.info.empty_lines + 1;
      columns = header.length;
      lines += linesOf(header);
      return atLine(line, () => columnsOf(header));
    },
    delimiter: separatorOf(firstLine),
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_LENGTH,
    on_record: (record, { index: found, empty_lines: empty }) => {
      const line = lines + empty + 1;
      const filled = Object.entries(record).filter(([, value]) => value !== '');
      lines += linesOf(Object.values(record));
      if (found === 1 && Object.values(record).join().trim() === '') return null;
      return atLine(line, () => {
        if (found !== columns) {
          throw new Error(`Invalid CSV: ${found} fields, but the header has ${columns}`);
        }
        return toImportedUser(Object.fromEntries(filled));
      });
    },
  });
  pipeline(whole, parser, () => undefined);
  const users: AsyncIterable<ImportedUser> = parser;
  try {
    yield* users;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new InvalidLineError(lines + Number(error['empty_lines']) + 1, describe(error));
  }
}

function linesOf(fields: readonly string[]): number {
  return fields.join('').split('\n').length;
}

function describe({ code, message }: CsvError): string {
  switch (code) {
    case 'INVALID_OPENING_QUOTE':
    case 'CSV_INVALID_CLOSING_QUOTE':
      return 'Invalid CSV: unexpected quotation mark';
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'Invalid CSV: missing closing quotation mark';
    case 'CSV_MAX_RECORD_SIZE':
      return TOO_LONG;
    default:
      return `Invalid CSV: ${message}`;
  }
}
