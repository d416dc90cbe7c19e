import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hasOpenssl, makeCertificate } from '../../../test/support/certificates.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../../../test/support/postgres.ts';
import { DatabaseUnavailableError, migrate, openDatabase } from './index.ts';

(hasPostgres() && hasOpenssl() ? describe : describe.skip)('TLS to PostgreSQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  const [ca, otherCa] = [join(folder, 'ca.pem'), join(folder, 'other-ca.pem')];
  let server: PostgresServer;
  let plain: PostgresServer;
  let url: string;

  beforeAll(async () => {
    const certificate = makeCertificate('IP:127.0.0.1');
    writeFileSync(ca, certificate.cert);
    writeFileSync(otherCa, makeCertificate('IP:127.0.0.1').cert);
    [server, plain] = await Promise.all([
      startPostgres({ certificate, password: 'a-secret' }),
      startPostgres(),
    ]);
    url = await server.createDatabase();
  }, 60_000);
  afterAll(async () => {
    await Promise.all([server.stop(), plain.stop()]);
    rmSync(folder, { recursive: true });
  });

  /** Whether a connection is encrypted, or the error with which it fails. */
  async function isEncrypted(parameters: string, address = url): Promise<unknown> {
    const database = openDatabase({ url: `${address}?${parameters}`, name: 'spec' });
    try {
      const [row] = await database.query(
        'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
      );
      return row?.['ssl'];
    } catch (error) {
      return error;
    } finally {
      await database.close();
    }
  }

  it('is what sslmode asks for', async () => {
    expect(await isEncrypted('')).toBe(false);
    expect(await isEncrypted('sslmode=require')).toBe(true);
    expect(await isEncrypted(`sslmode=verify-full&sslrootcert=${ca}`)).toBe(true);
  });

  it('is used by migrations, too', async () => {
    const { made } = await migrate(`${url}?sslmode=verify-full&sslrootcert=${ca}`);
    expect(made).not.toEqual([]);
  });

  it.each(['verify-full', 'verify-ca', 'require'])(
    'with sslmode=%s refuses a server whose certificate another CA has signed',
    async (mode) => {
      const refused = await isEncrypted(`sslmode=${mode}&sslrootcert=${otherCa}`);
      expect(refused).toBeInstanceOf(DatabaseUnavailableError);
      expect(String(refused)).toMatch(/self-signed certificate/);
      expect(String(refused)).not.toMatch(/a-secret/);
    },
  );

  it('with sslmode=verify-full refuses a server with another name, and with verify-ca does not', async () => {
    const named = url.replace('127.0.0.1', 'localhost');
    const refused = await isEncrypted(`sslmode=verify-full&sslrootcert=${ca}`, named);
    expect(refused).toBeInstanceOf(DatabaseUnavailableError);
    expect(String(refused)).toMatch(/localhost/);
    expect(await isEncrypted(`sslmode=verify-ca&sslrootcert=${ca}`, named)).toBe(true);
  });

  it('is not given up where the server has none', async () => {
    const refused = await isEncrypted('sslmode=require', await plain.createDatabase());
    expect(refused).toBeInstanceOf(DatabaseUnavailableError);
    expect(String(refused)).toMatch(/does not support SSL/);
  });
});
