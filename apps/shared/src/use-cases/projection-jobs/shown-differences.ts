import type { JobDifference } from '#operational-state';
import type { RowDifference } from '#projections';
import { withoutPasswords } from './without-passwords.ts';

/** Most differences that a job keeps. */
export const MOST_DIFFERENCES = 100;
/** Characters of a value, and of all differences together, beyond which a job keeps no more. */
const MOST_OF_A_VALUE = 500;
const MOST_CHARACTERS = 100_000;

/** Returns those differences that a job keeps: without passwords, and no more than an answer can hold. */
export function shownDifferences(differences: readonly RowDifference[]): JobDifference[] {
  const shown: JobDifference[] = [];
  let characters = 0;
  for (const difference of differences.slice(0, MOST_DIFFERENCES)) {
    const { columns, ...row } = withoutPasswords(difference);
    const cut = columns.map(({ column, live, rebuilt }) => ({
      column,
      live: shortened(live),
      rebuilt: shortened(rebuilt),
    }));
    characters += JSON.stringify(cut).length;
    if (characters > MOST_CHARACTERS && shown.length > 0) break;
    shown.push({ ...row, columns: cut });
  }
  return shown;
}

function shortened(value: string): string {
  return value.length <= MOST_OF_A_VALUE ? value : `${value.slice(0, MOST_OF_A_VALUE)}...`;
}
