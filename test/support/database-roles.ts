import { readFileSync } from 'node:fs';
import { openDatabase } from '#postgres';
import type { PostgresServer } from './postgres.ts';

const DOCUMENT = new URL('../../docs/operations.md', import.meta.url);
const STATEMENTS = /<!-- roles -->\s*```sql\n(?<sql>.*?)```\s*<!-- \/roles -->/s;

/** URLs of one database for each of its roles. */
export interface RoleUrls {
  readonly owner: string;
  readonly migrate: string;
  readonly worker: string;
  readonly api: string;
  readonly read: string;
}

/** Runs the statements of the documentation that create a database and its roles; returns the URLs. Once for each server. */
export async function createRoles({ port }: PostgresServer): Promise<RoleUrls> {
  const sql = STATEMENTS.exec(readFileSync(DOCUMENT, 'utf8'))?.groups?.['sql'] ?? '';
  const url = (role: string, name = 'reachability') =>
    `postgres://${role}@127.0.0.1:${port}/${name}`;
  const admin = openDatabase({ url: url('postgres', 'postgres'), name: 'tests' });
  try {
    for (const statement of sql.split(';')) {
      if (statement.trim() !== '') await admin.write(statement);
    }
  } finally {
    await admin.close();
  }
  return {
    owner: url('postgres'),
    migrate: url('reachability_migrate'),
    worker: url('reachability_worker'),
    api: url('reachability_api'),
    read: url('reachability_read'),
  };
}
