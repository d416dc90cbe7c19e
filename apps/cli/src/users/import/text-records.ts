import { UnusableLineError } from './unusable-line-error.ts';

/** Most characters of a record: more than any User takes, so that a file of something else is not read whole. */
const MOST_CHARACTERS = 1 << 20;

/** A record of a file, and the line that it begins on, counted from 1. */
export interface TextRecord {
  readonly line: number;
  readonly text: string;
}

/**
 * Splits text at line ends, which may be of Windows; blank lines are passed over.
 *
 * @param quotes whether a line end between quotation marks is part of the record, as in CSV
 * @throws UnusableLineError for a record that is too long, or a quotation mark that is never closed
 */
export async function* textRecords(
  chunks: AsyncIterable<string>,
  { quotes }: { readonly quotes: boolean },
): AsyncGenerator<TextRecord> {
  let text = '';
  let line = 1;
  let lines = 1;
  let quoted = false;
  const take = (): TextRecord | null => {
    const record = { line, text: text.replace(/\r$/, '') };
    text = '';
    line = lines;
    return record.text.trim() === '' ? null : record;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let index = 0; index < chunk.length; index += 1) {
      const character = chunk[index];
      if (quotes && character === '"') quoted = !quoted;
      if (character !== '\n') continue;
      lines += 1;
      if (quoted) continue;
      text += chunk.slice(start, index);
      start = index + 1;
      const record = take();
      if (record !== null) yield record;
    }
    text += chunk.slice(start);
    if (text.length > MOST_CHARACTERS) throw new UnusableLineError(line, 'It is too long');
  }
  if (quoted) throw new UnusableLineError(line, 'A quotation mark is never closed');
  const record = take();
  if (record !== null) yield record;
}
