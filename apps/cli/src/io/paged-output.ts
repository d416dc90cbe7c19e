import { writeLine, type CommandIo } from './command-io.ts';

/** Writes `{"<key>": [...]}` page by page, so that memory use does not depend on the number of rows. */
export async function writeJsonPages<Row>(
  io: CommandIo,
  key: string,
  pages: AsyncIterable<readonly Row[]>,
  toJson: (row: Row) => unknown,
): Promise<void> {
  const indented = (row: Row): string =>
    `\n    ${JSON.stringify(toJson(row), null, 2).replaceAll('\n', '\n    ')}`;
  let separator = `{\n  ${JSON.stringify(key)}: [`;
  for await (const rows of pages) {
    await io.write(separator + rows.map(indented).join(','));
    separator = ',';
  }
  await io.write(separator === ',' ? '\n  ]\n}\n' : `${separator}]\n}\n`);
}

/** Writes a line of titles, and then a line for each row, page by page. */
export async function writeLinePages<Row>(
  io: CommandIo,
  titles: string,
  pages: AsyncIterable<readonly Row[]>,
  toLine: (row: Row) => string,
): Promise<void> {
  await writeLine(io, titles);
  for await (const rows of pages) await writeLine(io, rows.map(toLine).join('\n'));
}
