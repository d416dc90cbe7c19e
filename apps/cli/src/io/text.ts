/** Returns a boolean that may be unknown as a word. */
export function yesNo(value: boolean | null): string {
  if (value === null) return 'null';
  return value ? 'yes' : 'no';
}

/**
 * Returns text for one cell of a line. Characters that a terminal would obey are escaped: control characters, and those that
 * change the direction of text.
 */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/** Returns one line for each value that is not null, after its label. */
export function labelled(lines: readonly (readonly [string, string | null])[]): string {
  return lines
    .flatMap(([label, value]) => (value === null ? [] : [`${`${label}:`.padEnd(13)}${value}`]))
    .join('\n');
}

/** Returns rows as aligned columns under their titles. The last column is not padded. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [titles, ...rows];
  const widths = titles.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
