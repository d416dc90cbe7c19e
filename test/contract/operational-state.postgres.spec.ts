import { afterAll, beforeAll, describe } from '@jest/globals';
import {
  PostgresNodeLeases,
  postgresOperationalState,
} from '#operational-state/adapters/postgres/index';
import { migrate, openDatabase } from '#postgres';
import { hasPostgres, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { operationalStateContract } from './operational-state.contract.ts';

(hasPostgres() ? describe : describe.skip)('PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;

  beforeAll(async () => {
    server = await startPostgres();
    url = await server.createDatabase();
    await migrate(url);
  }, 60_000);
  afterAll(() => server.stop());

  operationalStateContract('PostgreSQL', async () => {
    const databases = [1, 2].map(() => openDatabase({ url, name: 'tests', connections: 4 }));
    const [one, other] = databases.map((database) => ({
      ...postgresOperationalState(database),
      leases: new PostgresNodeLeases(database),
    }));
    if (one === undefined || other === undefined) throw new Error('Two databases were opened');
    return {
      one,
      other,
      close: async () => {
        for (const table of TABLES) await databases[0]?.write(`DELETE FROM reachability.${table}`);
        for (const database of databases) await database.close();
      },
    };
  });
});

const TABLES = [
  'api_key_secrets',
  'api_key_uses',
  'idempotency_records',
  'node_leases',
  'projection_jobs',
  'ttls',
  'webhook_cursor',
  'webhook_deliveries',
  'webhook_targets',
  'webhook_users',
];
