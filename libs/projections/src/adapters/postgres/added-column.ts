import type { Queries } from '#postgres';
import { schemaOf } from './version-schema.ts';

/** A column that the versions of earlier programs lack. */
export interface AddedColumn {
  readonly table: string;
  readonly column: string;
  /** Returns the statements that add it to a version, with its values. */
  readonly statements: (schema: string) => readonly string[];
}

/** Returns those versions of a projection that lack a column. */
export async function versionsWithout<Version extends { readonly version: number }>(
  queries: Queries,
  name: string,
  versions: readonly Version[],
  { table, column }: AddedColumn,
): Promise<Version[]> {
  const rows = await queries.query(
    `SELECT nspname::text AS schema FROM pg_catalog.pg_attribute
     JOIN pg_catalog.pg_class ON pg_class.oid = attrelid
     JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
     WHERE attname = $1 AND relname = $2 AND nspname = ANY ($3::text[])`,
    [column, table, versions.map(({ version }) => schemaOf(name, version))],
  );
  const having = new Set(rows.map((row) => row['schema']));
  return versions.filter(({ version }) => !having.has(schemaOf(name, version)));
}
