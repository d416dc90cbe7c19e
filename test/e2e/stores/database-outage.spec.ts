import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateSharedSecrets } from '#shared/composition/shared-secrets';
import { hasPostgres, startPostgres, type PostgresServer } from '../../support/postgres.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { until } from '../../support/until.ts';

const SECRETS = generateSharedSecrets();

(hasPostgres() ? describe : describe.skip)('The outage of a PostgreSQL', () => {
  let postgres: PostgresServer;
  let program: Program;
  let user: string;

  beforeAll(async () => {
    postgres = await startPostgres();
    const DATABASE_URL = await postgres.createDatabase();
    program = await startProgram({ env: { ...SECRETS, DATABASE_URL } });
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'x' });
    user = `/v2/Services/${sid}/Users/ann`;
    await program.post(`/v2/Services/${sid}/Users`, { Identity: 'ann' });
    await program.get('/metrics');
  }, 120_000);

  afterAll(async () => {
    await program.stop();
    await postgres.stop();
  }, 60_000);

  it('ends readiness, and is shown as that of one store', async () => {
    expect((await program.get('/health/ready')).body['parts']).toMatchObject({
      event_store: { status: 'ok' },
      database: { status: 'ok' },
    });
    await postgres.kill();
    const unready = await until('the program to be unready', async () => {
      const answer = await program.get('/health/ready');
      return answer.status === 503 ? answer : undefined;
    });
    expect(unready.body).toMatchObject({
      status: 'database_unavailable',
      parts: { event_store: { status: 'ok' }, database: { status: 'unavailable' } },
    });
    expect((await program.get('/health/live')).status).toBe(200);
  }, 60_000);

  it('shows in the metrics, which keep those of the projections', async () => {
    const { text } = await program.get('/metrics');
    expect(text).toMatch(/^reachability_database_up 0$/m);
    expect(text).toMatch(/^reachability_event_store_up 1$/m);
    expect(text).toMatch(/^reachability_projection_stuck\{projection="users"\} 0$/m);
  });

  it('refuses reads, with the time to come back', async () => {
    const { status, headers } = await program.get(user);
    expect([status, headers['retry-after']]).toEqual([503, '1']);
  });

  it('is two lines in the log when it is over, one of them with counts', async () => {
    await postgres.start();
    await until('the program to be ready', async () => {
      return (await program.get('/health/ready')).status === 200 || undefined;
    });
    const line = await until('a line about the end', () => {
      return /The database can be read and written again after [^"\n]*/.exec(
        program.output.stdout,
      )?.[0];
    });
    expect(line).toContain('Refused: 1 requests');
    expect(program.output.stderr).toMatch(/The database does not answer, and requests get 503: /);
    expect((await program.get(user)).status).toBe(200);
  }, 60_000);
});
