import { DatabaseSync } from 'node:sqlite';
import { expect, it } from '@jest/globals';
import { API_KEYS_SCHEMA, USERS_INDEXES, USERS_SCHEMA } from '#read-model/adapters/sqlite/schema';
import { USERS_TABLE } from '#read-model/adapters/sqlite/sqlite-users-read-model';
import { UsersStatements } from '#read-model/adapters/sqlite/users-statements';
import { changesContract } from './read-model/changes.contract.ts';
import { openInFiles } from './read-model/open-in-files.ts';
import { everyQuery, statementsOf } from './read-model/user-list-queries.ts';
import { summaryContract } from './read-model/summary.contract.ts';
import { userListsContract } from './read-model/user-lists.contract.ts';
import { usersContract } from './read-model/users.contract.ts';

userListsContract('files', openInFiles);
usersContract('files', openInFiles);
changesContract('files', openInFiles, 60);
summaryContract('files', openInFiles, 40);

it('Lists of Users in files read ranges of indexes in their order, whatever the filter', () => {
  const db = new DatabaseSync(':memory:');
  db.exec(USERS_SCHEMA + USERS_INDEXES);
  for (const query of everyQuery()) {
    for (const [statement, values] of statementsOf(USERS_TABLE, query)) {
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${statement}`).all(...values);
      const steps = plan
        .map((row) => String(row['detail']))
        .filter((step) => /\busers\b/.test(step));
      for (const step of steps) {
        expect(step).toMatch(/^SEARCH users USING (COVERING )?INDEX users_by_\w+ \(service_sid=\?/);
      }
      expect(steps.length).toBeGreaterThan(0);
    }
  }
  db.close();
});

it('The look for Users of deleted Services in files reads no User of another Service', () => {
  const db = new DatabaseSync(':memory:');
  db.exec(USERS_SCHEMA + API_KEYS_SCHEMA + USERS_INDEXES);
  const { usersOfDeletedServices } = new UsersStatements(db);
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${usersOfDeletedServices.sourceSQL}`).all(1);
  expect(plan.map((row) => String(row['detail']))).toEqual([
    'SCAN s',
    expect.stringMatching(/^SEARCH u USING COVERING INDEX users_by_\w+ \(service_sid=\?\)$/),
  ]);
  db.close();
});
