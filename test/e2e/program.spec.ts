import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgram, type Program } from '../support/program.ts';

describe('The program', () => {
  let program: Program;

  beforeAll(async () => {
    program = await startProgram();
  });
  afterAll(() => program.stop());

  it('prints its address and that of its console, and on its first start its credentials and what to try', async () => {
    expect(program.output.stdout).toContain(`listening on ${program.url}\n`);
    expect(program.output.stdout).toContain(`The console is at ${program.url}/console\n`);
    expect(program.output.stdout).toContain(`AUTH_TOKEN=${program.credentials.authToken}`);
    expect(program.output.stdout).toContain('npm run demo -- --live\n');
    const { credentials } = program;
    program = await program.restart();
    expect(program.output.stdout).not.toContain('AUTH_TOKEN');
    expect(program.output.stdout).not.toContain('npm run demo');
    expect(program.output.stdout).toContain(
      `The credentials are in ${join(program.dataDir, 'credentials.json')}\n`,
    );
    expect(program.credentials).toEqual(credentials);
  });

  it('prints in production where its credentials are, and not the credentials', async () => {
    const other = await startProgram({ env: { NODE_ENV: 'production' } });
    try {
      const { accountSid, authToken, apiKey } = other.credentials;
      expect(other.output.stdout).toContain(
        `New credentials are in ${join(other.dataDir, 'credentials.json')}\n`,
      );
      for (const secret of [accountSid, authToken, apiKey.sid, apiKey.secret]) {
        expect(secret).toMatch(/^\w{32,34}$/);
        expect(other.output.stdout + other.output.stderr).not.toContain(secret);
      }
      expect((await other.get('/v2/Services')).status).toBe(200);
    } finally {
      await other.stop();
    }
  });

  it('reads secrets from files', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'reachability-secrets-'));
    const file = join(directory, 'token');
    writeFileSync(file, 'the-token-of-the-file\n');
    const ACCOUNT_SID = `AC${'0'.repeat(32)}`;
    const other = await startProgram({ env: { ACCOUNT_SID, AUTH_TOKEN_FILE: file } });
    try {
      const auth = { username: ACCOUNT_SID, password: 'the-token-of-the-file' };
      expect((await other.get('/v2/Services', { auth })).status).toBe(200);
      expect(other.output.stdout).not.toContain('the-token-of-the-file');
    } finally {
      await other.stop();
      rmSync(directory, { recursive: true });
    }
  });

  it('keeps acknowledged writes when it is killed', async () => {
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'kept' });
    await program.kill();
    program = await program.restart();
    const found = await program.get(`/v2/Services/${sid}`);
    expect(found.body).toMatchObject({ sid, friendly_name: 'kept' });
  });

  it('exits with code 0 and prints no errors on SIGTERM', async () => {
    const other = await startProgram();
    expect(await other.stop()).toBe(0);
    expect(other.output.stderr).toBe('');
  });

  it('rejects an invalid setting with one line that names it', async () => {
    await expect(startProgram({ env: { ROLE: 'boss' } })).rejects.toThrow(/ROLE must be one of/);
  });

  it.each(['events.db', 'read-model.db', 'state.db'])(
    'rejects a damaged %s with one line that names it',
    async (name) => {
      const dataDir = mkdtempSync(join(tmpdir(), 'reachability-'));
      try {
        writeFileSync(join(dataDir, name), 'no database, but long enough for one '.repeat(30));
        const started = startProgram({ dataDir });
        await expect(started).rejects.toThrow(`Cannot open ${join(dataDir, name)}: `);
      } finally {
        rmSync(dataDir, { recursive: true });
      }
    },
  );

  it('exits if its port is in use, and says what to do', async () => {
    const { port } = new URL(program.url);
    const other = startProgram({ env: { PORT: port } });
    await expect(other).rejects.toThrow(/ended during its start[^]*EADDRINUSE.*another port/);
  });
});
