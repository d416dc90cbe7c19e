import { toImportedUser, type ImportedUser } from './imported-user.ts';
import { atLine, InvalidLineError, MAX_RECORD_LENGTH, TOO_LONG } from './invalid-line.ts';

/**
 * Yields the Users of a text with one JSON object a line. Blank lines are skipped.
 *
 * @throws InvalidLineError at the first invalid line
 */
export async function* jsonUsers(chunks: AsyncIterable<string>): AsyncGenerator<ImportedUser> {
  let line = 0;
  for await (const text of linesOf(chunks)) {
    line += 1;
    if (text.length > MAX_RECORD_LENGTH) throw new InvalidLineError(line, TOO_LONG);
    if (text.trim() !== '') yield atLine(line, () => toImportedUser(JSON.parse(text)));
  }
}

/** Splits text at line ends. A line that is too long may be cut. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > MAX_RECORD_LENGTH) break;
  }
  yield rest;
}
