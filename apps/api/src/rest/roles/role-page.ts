import type { Role } from '#domain';
import type { Page, PageRequest } from '#read-model';

/** A Role and its index in the list. */
interface PlacedRole {
  readonly role: Role;
  /** Index among the Roles of the Service; text, because page tokens carry it. */
  readonly place: string;
}

/** A page of a Service's Roles. There are fewer than ten, so indexes compare as text. */
export function rolePage(roles: readonly Role[], { cursor, size }: PageRequest): Page<PlacedRole> {
  const placed = roles.map((role, index) => ({ role, place: String(index) }));
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
