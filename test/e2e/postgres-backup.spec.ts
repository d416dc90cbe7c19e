import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate } from '#postgres';
import { generateSharedSecrets } from '#shared/composition/shared-secrets';
import { textOf } from '../support/fields.ts';
import type { BasicCredentials } from '../support/http-client.ts';
import {
  hasPostgres,
  postgresBinary,
  startPostgres,
  type PostgresServer,
} from '../support/postgres.ts';
import { startProgram, type Program } from '../support/program.ts';
import { until } from '../support/until.ts';

const PAGE = readFileSync(resolve(import.meta.dirname, '../../docs/backups.md'), 'utf8');

/** The options of a `pg_dump` command of the page. */
function optionsOf(kind: string): string[] {
  const block = new RegExp(`<!-- ${kind} -->\\s+\`\`\`sh\\n([^]*?)\`\`\``).exec(PAGE)?.[1] ?? '';
  const [, options = ''] = /^pg_dump ([^]*?) --file/.exec(block.replaceAll('\\\n', ' ')) ?? [];
  return options
    .trim()
    .split(/\s+/)
    .map((option) => option.replaceAll("'", ''));
}

(hasPostgres() ? describe : describe.skip).each(['whole', 'operational'])(
  'A PostgreSQL that is lost, and restored from a dump of its %s state',
  (kind) => {
    const folder = mkdtempSync(join(tmpdir(), 'postgres-backup-'));
    const secrets = generateSharedSecrets();
    let server: PostgresServer;
    let program: Program;
    let users: string;
    let before: BasicCredentials;
    let after: BasicCredentials;

    const start = async (url: string): Promise<Program> =>
      startProgram({ env: { ...secrets, DATABASE_URL: url }, dataDir: folder });
    const statusOf = async (auth: BasicCredentials): Promise<number> =>
      (await program.get('/v2/Services', { auth })).status;

    async function createKey(): Promise<BasicCredentials> {
      const { body } = await program.post('/v2/ApiKeys', { FriendlyName: 'k', Scopes: 'read' });
      return { username: textOf(body, 'sid'), password: textOf(body, 'secret') };
    }

    beforeAll(async () => {
      server = await startPostgres();
      const url = await server.createDatabase();
      program = await start(url);
      const { sid } = await program.post('/v2/Services', { FriendlyName: 'x' });
      users = `/v2/Services/${sid}/Users`;
      await program.post(`/v2/Services/${sid}`, { ReachabilityEnabled: 'true' });
      await program.post(users, { Identity: 'ann' });
      await program.post(`${users}/ann/Connections`, { Ttl: '3600' });
      before = await createKey();
      const dump = join(folder, 'database.dump');
      execFileSync(postgresBinary('pg_dump'), [...optionsOf(kind), '--file', dump, url]);
      after = await createKey();
      await program.post(users, { Identity: 'ben' });
      await program.stop();
      const restored = await server.createDatabase();
      execFileSync(postgresBinary('pg_restore'), ['--exit-on-error', '--dbname', restored, dump]);
      await migrate(restored);
      program = await start(restored);
    }, 200_000);
    afterAll(async () => {
      await program.kill();
      await server.stop();
      rmSync(folder, { recursive: true });
    });

    it('shows what the log says, also of the time after the dump', async () => {
      for (const identity of ['ann', 'ben']) {
        const { status, body } = await program.get(`${users}/${identity}`);
        expect([status, body['is_online']]).toEqual([200, identity === 'ann' ? true : null]);
      }
    });

    it('accepts the keys of the dump, and newer ones once they are rotated', async () => {
      await until('the key to count', async () => (await statusOf(before)) === 200 || undefined);
      expect(await statusOf(after)).toBe(401);
      const { body } = await program.post(`/v2/ApiKeys/${after.username}/Rotations`);
      const rotated = { ...after, password: textOf(body, 'secret') };
      await until('the key to count', async () => (await statusOf(rotated)) === 200 || undefined);
    });
  },
);
