import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProgram, type Program } from '../support/program.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const TIMEOUT_MS = 60_000;

interface Run {
  readonly code: number;
  readonly output: string;
}

function runDemo(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Run> {
  return new Promise((done) => {
    const node = resolve(ROOT, 'node_modules/.bin/node');
    const command = [resolve(ROOT, 'scripts/demo.ts'), ...args];
    const options = { env: { PATH: process.env['PATH'], ...env }, timeout: TIMEOUT_MS };
    const child = execFile(node, command, options, (_, stdout, stderr) => {
      done({ code: child.exitCode ?? -1, output: stdout + stderr });
    });
  });
}

describe('The demo', () => {
  let program: Program;

  beforeAll(async () => {
    program = await startProgram();
  });
  afterAll(() => program.stop());

  it(
    'runs on a server of its own',
    async () => {
      const { code, output } = await runDemo([], {});
      expect(output).toContain('Every answer was as expected.');
      const answers = [...output.matchAll(/200 is_online: (\w+) is_notifiable: (\w+)/g)];
      expect(
        answers.map(([, online, notifiable]) => `${online ?? ''} ${notifiable ?? ''}`),
      ).toEqual([
        'null null',
        'true false',
        'true true',
        'false true',
        'null null',
        'null null',
        'true true',
      ]);
      expect(code).toBe(0);
    },
    TIMEOUT_MS,
  );

  it('runs on a running server, and deletes its Service', async () => {
    const { accountSid, authToken } = program.credentials;
    const { code, output } = await runDemo(['--url', program.url], {
      ACCOUNT_SID: accountSid,
      AUTH_TOKEN: authToken,
    });
    expect(output).toContain('Every answer was as expected.');
    expect(code).toBe(0);
    expect((await program.get('/v2/Services')).body).toMatchObject({ services: [] });
  });

  it('exits with 1 when an answer is not as expected', async () => {
    const { code, output } = await runDemo(['--url', program.url], {
      ACCOUNT_SID: program.credentials.accountSid,
      AUTH_TOKEN: 'not the token',
    });
    expect(code).toBe(1);
    expect(output).toContain('The demo failed: Expected 201, got 401');
  });
});
