/**
 * Compares `GET .../Users/{sid}` of many Users, of one and of two api processes on PostgreSQL with as many bare Fastify servers, each of
 * which selects the same rows by their primary key over the same driver. They take turns on one database.
 * Run: `npm run bench -- postgres-read-user`
 */
import { LIVE_SCHEMA } from '#read-model/adapters/postgres/live-schema';
import { generateSharedSecrets } from '#shared/composition/shared-secrets';
import { startPostgres } from '../support/postgres.ts';
import { startProgram, type Program } from '../support/program.ts';
import { printTurns, startFixture, turnOfAll, type Turn } from './http-turns.ts';
import { createManyUsers, readsOf } from './many-users.ts';
import { printMachine } from './report.ts';

const ROUNDS = 5;
/** The view that shows the live rows of the `users` projection. */
const TABLE = `${LIVE_SCHEMA}.users`;

const postgres = await startPostgres();
const programs: Program[] = [];
const fixtures: Awaited<ReturnType<typeof startFixture>>[] = [];
try {
  const database = await postgres.createDatabase();
  const env = { ...generateSharedSecrets(), DATABASE_URL: database, LOG_LEVEL: 'error' };
  const first = await startProgram({ env });
  programs.push(first);
  programs.push(await startProgram({ dataDir: first.dataDir, env: { ...env, ROLE: 'api' } }));
  const users = await createManyUsers(first);
  for (let count = 0; count < 2; count += 1) {
    fixtures.push(await startFixture('bare-fastify-pg.ts', `${users.list}/:user`, database, TABLE));
  }
  const readsFrom = (servers: readonly { readonly url: string }[], count: number) =>
    servers.slice(0, count).map(({ url }) => readsOf(users, first.credentials, url));
  printMachine(0);
  await turnOfAll(readsFrom(fixtures, 2));
  await turnOfAll(readsFrom(programs, 2));
  for (const count of [1, 2]) {
    const bare: Turn[] = [];
    const ours: Turn[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      bare.push(await turnOfAll(readsFrom(fixtures, count)));
      ours.push(await turnOfAll(readsFrom(programs, count)));
    }
    printTurns(`bare Fastify + pg SELECT, ${count} processes`, bare);
    printTurns(`GET .../Users/{sid}, ${count} processes`, ours, bare);
  }
} finally {
  for (const { child } of fixtures) child.kill();
  await Promise.all(programs.reverse().map((program) => program.stop()));
  await postgres.stop();
}
