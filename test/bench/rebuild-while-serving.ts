/**
 * Measures `GET .../Users/{sid}` at half of the server's maximum rate, without and with a concurrent rebuild: by a command,
 * and as a job of the server. Run after a build: `node --conditions=source test/bench/rebuild-while-serving.ts [events] [users]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon, { type Options, type Result } from 'autocannon';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { seedStore } from '#history-seeder';
import { Cli } from '../support/cli.ts';
import { startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';
import { printMachine } from './report.ts';

const SEED = 7;
const CONNECTIONS = 20;
const SECONDS = 8;
const events = Number(process.argv[2] ?? 300_000);
const users = Number(process.argv[3] ?? 15_000);

printMachine(SEED);
const dataDir = mkdtempSync(join(tmpdir(), 'bench-serving-'));
try {
  const log = await openSqliteEventStore({ path: join(dataDir, 'events.db') });
  await seedStore(log, { users, events, seed: SEED });
  await log.close();
  const cli = new Cli(dataDir);
  await cli.run('services', 'list');
  const program = await startProgram({ dataDir });
  await until(
    'projections caught up',
    async () => {
      const { projections } = (await cli.json('projections', 'status')) as {
        projections: { lag_events: number }[];
      };
      return projections.every(({ lag_events }) => lag_events === 0) || undefined;
    },
    120_000,
  );
  const { sid: service } = await program.post('/v2/Services', { FriendlyName: 'bench' });
  const { sid: user } = await program.post(`/v2/Services/${service}/Users`, {
    Identity: 'alice',
  });
  const { accountSid, authToken } = program.credentials;
  const target: Options = {
    url: `${program.url}/v2/Services/${service}/Users/${user}`,
    connections: CONNECTIONS,
    duration: SECONDS,
    headers: {
      authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
    },
  };
  const full = await autocannon(target);
  const overallRate = Math.floor(full.requests.average / 2);
  console.log(`log   ${events} events, ${users} users; half load is ${overallRate} requests/s`);
  print('alone', await autocannon({ ...target, overallRate }));
  const rebuilding = cli.run('projections', 'rebuild', 'users', '--json');
  const beside = autocannon({ ...target, overallRate });
  const rebuilt = await rebuilding;
  print('with a rebuild beside it', await beside);
  console.log(`rebuild ${rebuilt.stdout.replace(/\s+/g, ' ')}`);
  const asJob = await program.post('/v2/Projections/users/Jobs', { Kind: 'rebuild' });
  print('with a rebuild as a job', await autocannon({ ...target, overallRate }));
  const job = await until(
    'the end of the job',
    async () => {
      const { body } = await program.get(`/v2/Projections/users/Jobs/${asJob.sid}`);
      return body['date_ended'] === null ? undefined : body;
    },
    120_000,
  );
  console.log(
    `job ${JSON.stringify([job['status'], job['events_done'], job['events_per_second']])}`,
  );
  await program.stop();
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}

function print(name: string, { latency, requests, non2xx }: Result): void {
  console.log(
    `${name.padEnd(28)}${Math.round(requests.average)} requests/s  p50 ${latency.p50} ms  p99 ${latency.p99} ms  max ${latency.max} ms  ${non2xx} refused`,
  );
}
