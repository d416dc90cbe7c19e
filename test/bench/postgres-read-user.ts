/**
 * Compares `GET .../Users/{sid}` of one and of two api processes on PostgreSQL with as many bare Fastify servers, each of
 * which selects the same row by its primary key over the same driver. They take turns on one database.
 * Run: `npm run bench -- postgres-read-user`
 */
import { generateSharedSecrets } from '#shared/composition/shared-secrets';
import { basic } from '../support/http-client.ts';
import { startPostgres } from '../support/postgres.ts';
import { startProgram, type Program } from '../support/program.ts';
import { createService } from '../support/services.ts';
import { printTurns, startFixture, turnOfAll, type Turn } from './http-turns.ts';
import { printMachine } from './report.ts';

const ROUNDS = 5;
/** The view that shows the live rows of the `users` projection. */
const TABLE = 'reachability_live.users';

const postgres = await startPostgres();
const programs: Program[] = [];
const fixtures: Awaited<ReturnType<typeof startFixture>>[] = [];
try {
  const database = await postgres.createDatabase();
  const env = { ...generateSharedSecrets(), DATABASE_URL: database, LOG_LEVEL: 'error' };
  const first = await startProgram({ env });
  programs.push(first);
  programs.push(await startProgram({ dataDir: first.dataDir, env: { ...env, ROLE: 'api' } }));
  const users = `/v2/Services/${await createService(first)}/Users`;
  const user = await first.post(users, { Identity: 'ann', Attributes: '{"team":"sales"}' });
  await first.post(`${users}/ann/Connections`);
  const path = `${users}/${user.sid}`;
  const { accountSid, authToken } = first.credentials;
  const authorization = basic({ username: accountSid, password: authToken });
  for (let count = 0; count < 2; count += 1) {
    fixtures.push(await startFixture('bare-fastify-pg.ts', path, database, TABLE, user.sid));
  }
  const urls = (servers: readonly { readonly url: string }[], count: number) =>
    servers.slice(0, count).map(({ url }) => `${url}${path}`);
  printMachine(0);
  await turnOfAll(urls(fixtures, 2), authorization);
  await turnOfAll(urls(programs, 2), authorization);
  for (const count of [1, 2]) {
    const bare: Turn[] = [];
    const ours: Turn[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      bare.push(await turnOfAll(urls(fixtures, count), authorization));
      ours.push(await turnOfAll(urls(programs, count), authorization));
    }
    printTurns(`bare Fastify + pg SELECT, ${count} processes`, bare);
    printTurns(`GET .../Users/{sid}, ${count} processes`, ours, bare);
  }
} finally {
  for (const { child } of fixtures) child.kill();
  await Promise.all(programs.reverse().map((program) => program.stop()));
  await postgres.stop();
}
