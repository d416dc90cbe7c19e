/** A fact that may have no value, for people. */
export function yesNo(fact: boolean | null): string {
  if (fact === null) return 'null';
  return fact ? 'yes' : 'no';
}

/** A name as one cell of a line: what a terminal would obey, or take for another line, is escaped. */
export function printable(name: string): string {
  return name.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
