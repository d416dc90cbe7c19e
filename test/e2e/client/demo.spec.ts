import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePorts } from '../../support/free-ports.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { until } from '../../support/until.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
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

  it('says what to do where there is no server', async () => {
    const [port = 0] = await freePorts(1);
    const env = { ACCOUNT_SID: 'AC', AUTH_TOKEN: 'token' };
    const { code, output } = await runDemo(['--live', '--url', `http://127.0.0.1:${port}`], env);
    expect(code).toBe(1);
    expect(output).toContain('there is no server: start one with npm start');
  });

  it('fills a Service with Users who come and go, and leave when it ends', async () => {
    const { accountSid, authToken } = program.credentials;
    const node = resolve(ROOT, 'node_modules/.bin/node');
    const child = spawn(node, [resolve(ROOT, 'scripts/demo.ts'), '--live', '--url', program.url], {
      env: { PATH: process.env['PATH'], ACCOUNT_SID: accountSid, AUTH_TOKEN: authToken },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const printed = text(child.stdout);
    const connections = () =>
      until('somebody to be online', async () => {
        const { body } = await program.get('/v2/Services');
        const [service] = body['services'] as { sid: string }[];
        if (service === undefined) return undefined;
        const users = `/v2/Services/${service.sid}/Users?Reachability=true&PageSize=100`;
        const listed = (await program.get(users)).body['users'] as { is_online: boolean | null }[];
        const online = listed.filter((user) => user.is_online);
        return online.length > 0 ? { users, count: listed.length } : undefined;
      });
    const { users, count } = await connections();
    expect(count).toBe(40);
    child.kill('SIGINT');
    await exited;
    expect(child.exitCode).toBe(0);
    expect(await printed).toContain(`Watch them at ${program.url}/console`);
    const left = (await program.get(users)).body['users'] as { is_online: boolean | null }[];
    expect(left.filter((user) => user.is_online)).toEqual([]);
  });
});
