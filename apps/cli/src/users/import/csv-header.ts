/** Spreadsheets write a semicolon where the decimal separator is a comma. */
const SEPARATORS = [',', ';', '\t'] as const;
/** The properties of a User by the letters of their titles. */
const PROPERTIES: ReadonlyMap<string, string> = new Map([
  ['identity', 'identity'],
  ['friendlyname', 'friendly_name'],
  ['attributes', 'attributes'],
]);

/**
 * Returns the names of the columns of a header. `Identity`, `Friendly Name` and `friendlyName` are understood, too.
 *
 * @throws Error with a sentence that names the columns, where two have one title or none is the identity
 */
export function columnsOf(header: readonly string[]): string[] {
  const titles = header.map((title) => title.trim());
  const columns = titles.map(columnOf);
  columns.forEach((column, index) => {
    const first = columns.indexOf(column);
    if (column === '' || first === index) return;
    const both = `${first + 1} (${titles[first]}) and ${index + 1} (${titles[index]})`;
    throw new Error(`Columns ${both} have the same title`);
  });
  if (columns.includes('identity')) return columns;
  throw new Error(`No column has the title identity. The columns are: ${titles.join(', ')}`);
}

function columnOf(title: string): string {
  const lower = title.toLowerCase();
  return PROPERTIES.get(lower.replace(/[\s_-]/g, '')) ?? lower;
}

/** Returns the separator that is most frequent in a header, outside quotation marks; a comma by default. */
export function separatorOf(header: string): string {
  const unquoted = header.replace(/"[^"]*"/g, '');
  const count = (separator: string): number => unquoted.split(separator).length;
  return SEPARATORS.reduce((best, other) => (count(other) > count(best) ? other : best));
}

/** Returns the first line of a text that is not blank, or its first `limit` characters, and the whole text. */
export async function peekLine(
  text: AsyncIterable<string>,
  limit: number,
): Promise<{ readonly line: string; readonly whole: AsyncIterable<string> }> {
  const chunks = text[Symbol.asyncIterator]();
  let read = '';
  let ended = false;
  while (!ended && read.length < limit && !read.trimStart().includes('\n')) {
    const next = await chunks.next();
    if (next.done === true) ended = true;
    else read += next.value;
  }
  const [line = ''] = read.trimStart().split('\n');
  return { line, whole: prepended(read, chunks) };
}

async function* prepended(read: string, chunks: AsyncIterator<string>): AsyncGenerator<string> {
  try {
    yield read;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}
