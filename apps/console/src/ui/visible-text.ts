/** Marks, overrides and isolates that change the direction in which text is read: Unicode Standard Annex 9, 2.1 to 2.6. */
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Returns the text with an escape in place of each invisible character that would change how it is read. */
export function visibleText(text: string): string {
  return text.replace(
    DIRECTION,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
