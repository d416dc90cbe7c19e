import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CheckError } from './check.ts';

const UNRELEASED = 'Unreleased';

/** The first section of a changelog that is not an empty "Unreleased". */
export interface TopSection {
  /** A version, or `Unreleased`. */
  readonly version: string;
  /** Date of the release; null for `Unreleased`. */
  readonly date: string | null;
  readonly text: string;
}

/** Returns whether a section waits for its version. */
export function isUnreleased({ version }: TopSection): boolean {
  return version === UNRELEASED;
}

/**
 * Returns the top section of `CHANGELOG.md`.
 *
 * @throws CheckError where there is none, or it has no date
 */
export function readTopSection(root: string): TopSection {
  const [, ...sections] = readFileSync(join(root, 'CHANGELOG.md'), 'utf8').split(/^## /m);
  const top = sections
    .map(toSection)
    .find(({ version, text }) => version !== UNRELEASED || text !== '');
  if (top === undefined) throw new CheckError('CHANGELOG.md has no section with changes');
  if (!isUnreleased(top) && top.date === null) {
    throw new CheckError(`CHANGELOG.md: the section ${top.version} has no date, as in 2026-11-29`);
  }
  return top;
}

function toSection(section: string): TopSection {
  const [title = '', ...lines] = section.split('\n');
  const [, version = title, date = null] =
    /^\[?([^\]\s]+)\]?(?: - (\d{4}-\d\d-\d\d))?$/.exec(title) ?? [];
  return { version, date, text: lines.join('\n').trim() };
}
