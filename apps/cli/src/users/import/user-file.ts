import { createReadStream } from 'node:fs';
import { csvFields } from './csv-fields.ts';
import { toImportedUser, type ImportedUser } from './imported-user.ts';
import { textRecords, type TextRecord } from './text-records.ts';
import { UnusableLineError } from './unusable-line-error.ts';

/**
 * The Users that a file describes, one in memory at a time: CSV with a line of titles where its name ends in `.csv`,
 * else NDJSON.
 *
 * @throws UnusableLineError at the first that cannot be taken over
 */
export async function* readUserFile(path: string): AsyncGenerator<ImportedUser> {
  const isCsv = /\.csv$/i.test(path);
  const records = textRecords(decoded(path), { quotes: isCsv });
  yield* isCsv ? usersOfCsv(records) : usersOfJson(records);
}

async function* usersOfJson(records: AsyncIterable<TextRecord>): AsyncGenerator<ImportedUser> {
  for await (const record of records) {
    yield read(record, (text) => toImportedUser(JSON.parse(text)));
  }
}

async function* usersOfCsv(records: AsyncIterable<TextRecord>): AsyncGenerator<ImportedUser> {
  let titles: readonly string[] | null = null;
  for await (const record of records) {
    const fields = read(record, csvFields);
    if (titles === null) {
      titles = fields.map((title) => title.trim());
      continue;
    }
    const named = titles;
    yield read(record, () => {
      if (fields.length !== named.length) {
        throw new Error(`It has ${fields.length} fields, and there are ${named.length} titles`);
      }
      const filled = named.map((title, index) => [title, fields[index] ?? ''] as const);
      return toImportedUser(Object.fromEntries(filled.filter(([, value]) => value !== '')));
    });
  }
}

function read<T>({ line, text }: TextRecord, reader: (text: string) => T): T {
  try {
    return reader(text);
  } catch (error) {
    throw new UnusableLineError(line, error instanceof Error ? error.message : String(error));
  }
}

/** A file as UTF-8. What is none would come out as another identity, and so is refused. */
async function* decoded(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const bytes: AsyncIterable<Buffer> = createReadStream(path);
  for await (const chunk of bytes) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}
