import type { Queries } from '#postgres';
import type { UserRow } from '../../../users/users-state.ts';

/** Values of a row, in the order of the columns of its table. */
type Values = readonly [sid: string, ...(string | number | null)[]];

/** The rows of Connections or of Bindings that have to be written and removed, for many Users. */
export class ChildChanges<Child extends { readonly sid: string }> {
  /** To be inserted or updated. */
  readonly rows: Values[] = [];
  readonly #valuesOf: (user: UserRow, child: Child) => Values;
  /** Single rows to remove: the User of each, and its sid. */
  readonly #gone: { readonly userSids: string[]; readonly sids: string[] } = {
    userSids: [],
    sids: [],
  };
  /** Users of whom only some rows stay. */
  readonly #swept: string[] = [];
  readonly #kept: string[] = [];

  constructor(valuesOf: (user: UserRow, child: Child) => Values) {
    this.#valuesOf = valuesOf;
  }

  /** @param before the children that are written so far; null where they are not known */
  replace(user: UserRow, after: readonly Child[], before: readonly Child[] | null): void {
    if (before === after) return;
    for (const child of after) {
      if (before?.includes(child) !== true) this.rows.push(this.#valuesOf(user, child));
    }
    if (before === null) {
      this.#swept.push(user.sid);
      for (const { sid } of after) this.#kept.push(sid);
      return;
    }
    for (const { sid } of before) {
      if (after.some((child) => child.sid === sid)) continue;
      this.#gone.userSids.push(user.sid);
      this.#gone.sids.push(sid);
    }
  }

  removeAll(userSid: string): void {
    this.#swept.push(userSid);
  }

  /** Deletes the rows that Users no longer have. */
  async removeFrom(queries: Queries, table: string): Promise<void> {
    if (this.#swept.length > 0) {
      await queries.write(
        `DELETE FROM ${table} WHERE user_sid = ANY ($1::text[])
         AND NOT EXISTS (SELECT 1 FROM unnest($2::text[]) AS kept (sid) WHERE kept.sid = ${table}.sid)`,
        [this.#swept, this.#kept],
      );
    }
    if (this.#gone.sids.length > 0) {
      await queries.write(
        `DELETE FROM ${table} USING unnest($1::text[], $2::text[]) AS gone (user_sid, sid)
         WHERE ${table}.user_sid = gone.user_sid AND ${table}.sid = gone.sid`,
        [this.#gone.userSids, this.#gone.sids],
      );
    }
  }
}
