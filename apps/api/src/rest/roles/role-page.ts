import type { Role } from '#domain';
import type { Page, PageRequest } from '#read-model';

/** A Role and its index in the list. */
interface PlacedRole {
  readonly role: Role;
  /** Index among the Roles of the Service; text, because page tokens carry it. Most lists fit in one page. */
  readonly place: string;
}

/** Digits of an index, so that indexes compare as text. */
const WIDTH = 4;

/** A page of a Service's Roles. */
export function rolePage(roles: readonly Role[], { cursor, size }: PageRequest): Page<PlacedRole> {
  const placed = roles.map((role, index) => ({ role, place: String(index).padStart(WIDTH, '0') }));
  const after = 'after' in cursor ? (cursor.after ?? '') : '';
  const rows =
    'before' in cursor
      ? placed.filter(({ place }) => place < cursor.before).slice(-size)
      : placed.filter(({ place }) => place > after).slice(0, size);
  return {
    rows,
    hasPrevious: rows[0] !== undefined && rows[0] !== placed[0],
    hasNext: rows.at(-1) !== undefined && rows.at(-1) !== placed.at(-1),
  };
}
