import { createReadStream } from 'node:fs';
import { csvUsers } from './csv-users.ts';
import type { ImportedUser } from './imported-user.ts';
import { jsonUsers } from './json-users.ts';

/**
 * Yields the Users of a file, one in memory at a time: CSV with a header where its name ends in `.csv`, else NDJSON.
 *
 * @throws InvalidLineError at the first invalid record
 */
export function readUserFile(path: string): AsyncGenerator<ImportedUser> {
  return /\.csv$/i.test(path) ? csvUsers(decoded(path)) : jsonUsers(decoded(path));
}

/** Decodes a file, and rejects invalid UTF-8: replacement characters would name another User. */
async function* decoded(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const bytes: AsyncIterable<Buffer> = createReadStream(path);
  for await (const chunk of bytes) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}
