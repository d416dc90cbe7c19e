import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateSharedSecrets } from '#shared/composition/shared-secrets';
import { hasOpenssl, makeCertificate } from '../../support/certificates.ts';
import { Cli } from '../../support/cli.ts';
import { freePorts } from '../../support/free-ports.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../../support/postgres.ts';
import { startProgram } from '../../support/program.ts';

const PASSWORD = 'pass-word-of-the-database';

(hasPostgres() && hasOpenssl() ? describe : describe.skip)('Access to PostgreSQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'access-'));
  const dataDir = join(folder, 'data');
  const file = (name: string, contents: string): string => {
    const path = join(folder, name);
    writeFileSync(path, contents);
    return path;
  };
  const secrets = generateSharedSecrets();
  let postgres: PostgresServer;
  /** URL with TLS that verifies the server. */
  let url: string;
  let otherCa: string;
  let closedPort: number;

  beforeAll(async () => {
    const certificate = makeCertificate('IP:127.0.0.1');
    postgres = await startPostgres({ certificate, password: PASSWORD });
    const ca = file('ca.pem', certificate.cert);
    otherCa = file('other-ca.pem', makeCertificate('IP:127.0.0.1').cert);
    url = `${await postgres.createDatabase()}?sslmode=verify-full&sslrootcert=${ca}`;
    [closedPort = 0] = await freePorts(1);
  }, 60_000);
  afterAll(async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true });
  });

  it('is by a URL from a file, over TLS', async () => {
    const env = { DATABASE_URL_FILE: file('url', `${url}\n`) };
    const program = await startProgram({ dataDir, env: { ...env, ...secrets } });
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'x' });
    // Text of PostgreSQL cannot have U+0000.
    for (const path of [
      '/v2/Services/IS%00',
      `/v2/Services/${sid}/Users/ann%00`,
      '/v2/ApiKeys/%00',
    ]) {
      expect([path, (await program.get(path)).status]).toEqual([path, 404]);
    }
    await program.stop();
    const cli = new Cli(dataDir, env);
    expect(await cli.json('services', 'list')).toMatchObject({
      services: [{ sid, account_sid: null }],
    });
    const { output } = program;
    expect(output.stdout + output.stderr).not.toContain(PASSWORD);
  });

  const refusals = (): readonly (readonly [string, RegExp])[] => [
    [url.replace(/sslrootcert=.*/, `sslrootcert=${otherCa}`), /self-signed certificate/],
    [url.replace(PASSWORD, 'another-password'), /password authentication failed/],
    [url.replace(/test_\d+/, 'missing'), /database "missing" does not exist/],
    [url.replace(`:${postgres.port}/`, `:${closedPort}/`), /ECONNREFUSED/],
  ];

  it('that fails ends a start with one line, which has no password', async () => {
    for (const [refused, reason] of refusals()) {
      const env = { ...secrets, DATABASE_URL: refused, START_TIMEOUT_SECONDS: '0' };
      const starting = startProgram({ dataDir, env });
      const message = await starting.then(() => 'started', String);
      expect(message).toMatch(reason);
      expect(message).not.toMatch(/pass-word|another-password/);
      expect(message.trim().split('\n')).toHaveLength(2);
    }
  });

  it('that fails ends a command with one line and exit code 3', async () => {
    for (const [refused, reason] of refusals()) {
      const cli = new Cli(dataDir, { DATABASE_URL: refused });
      const { code, stdout, stderr } = await cli.run('services', 'list');
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toMatch(reason);
      expect(stderr).not.toMatch(/pass-word|another-password/);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
  });

  it('needs the secrets that all processes share, and the CLI makes them', async () => {
    const env = { DATABASE_URL: url };
    await expect(startProgram({ dataDir, env })).rejects.toThrow(
      /DATABASE_URL needs ACCOUNT_SID, AUTH_TOKEN, API_KEYS, KEY_ENCRYPTION_KEY.*credentials generate/,
    );
    const { stdout } = await new Cli(dataDir, env).run('credentials', 'generate');
    const lines = stdout.trim().split('\n');
    const made = Object.fromEntries(
      lines.map((line): [string, string] => {
        const [name = '', value = ''] = line.split(/=(.*)/, 2);
        return [name, value];
      }),
    );
    const program = await startProgram({ dataDir, env: { ...env, ...made } });
    expect((await program.get('/v2/Services')).status).toBe(200);
    await program.stop();
  });

  it('needs the key of the servers for a command that makes a key that signs', async () => {
    const cli = new Cli(dataDir, { DATABASE_URL: url });
    const { code, stderr } = await cli.run('keys', 'create', 'x', '--scope', 'sign');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/KEY_ENCRYPTION_KEY/),
    });
    expect(await cli.json('keys', 'create', 'x', '--scope', 'read')).toMatchObject({
      scopes: ['read'],
    });
  });
});
