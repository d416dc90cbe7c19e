import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProgram, type Program } from '../../support/program.ts';
import { startExampleIn, type RunningExample } from '../../support/run-example.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const BIN = join(ROOT, 'node_modules/.bin');
const run = promisify(execFile);

/** An application in TypeScript, which is compiled and not run. */
const APPLICATION = `
import { ChatClient, ReachabilityError, type User } from '@reachability/client';

const client = await ChatClient.create('token', { url: 'https://reachability.example.com' });
client.on('connectionStateChanged', (state) => {
  if (state === 'denied') void client.updateToken('another');
});
const user: User = await client.getUser('bob');
user.on('updated', ({ updateReasons }) => {
  const isOnline: boolean | null = user.isOnline;
  if (updateReasons.includes('reachabilityOnline')) console.log(isOnline);
});
try {
  await (await client.getUserDescriptor('carol')).subscribe();
} catch (error) {
  if (!(error instanceof ReachabilityError) || error.code !== 'not_found') throw error;
}

// @ts-expect-error read-only
user.isOnline = true;
// @ts-expect-error read-only
client.isReachabilityEnabled = true;
// @ts-expect-error there is no such event
user.on('renamed', () => undefined);
// @ts-expect-error there is no such reason
user.on('updated', ({ updateReasons }) => updateReasons.includes('online'));
// @ts-expect-error made by create alone
new ChatClient();
`;

/** A component in TypeScript, which is compiled and not run. */
const COMPONENT = `
import { createElement, type ReactElement } from 'react';
import { PresenceDot, ReachabilityProvider, useReachability, useUser } from '@reachability/client/react';

function Colleague(): ReactElement {
  const { isOnline, status }: { isOnline: boolean | null; status: string } = useUser('bob');
  const count: number = useReachability(['bob', 'carol']).size;
  return createElement('p', {}, status, String(isOnline), count, createElement(PresenceDot, { user: 'bob', className: 'dot' }));
}

export const own = createElement(
  ReachabilityProvider,
  { url: 'https://reachability.example.com', tokenProvider: () => Promise.resolve('token') },
  createElement(Colleague),
);
export const given = createElement(ReachabilityProvider, { client: null });
// @ts-expect-error neither a client nor what opens one
createElement(ReachabilityProvider, { url: 'https://reachability.example.com' });
`;

describe('the package of the client SDK', () => {
  let folder: string;
  let program: Program;
  const running: RunningExample[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reachability-client-'));
    await npm(join(ROOT, 'libs/client'), 'pack', '--pack-destination', folder);
    const [tarball = ''] = readdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
    await npm(folder, 'install', '--offline', '--no-audit', '--no-fund', join(folder, tarball));
    program = await startProgram();
  }, 120_000);

  afterAll(async () => {
    for (const example of running) await example.end();
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function npm(cwd: string, ...args: string[]): Promise<unknown> {
    return run('npm', args, { cwd });
  }

  /** Runs the sample as somebody who follows somebody. */
  function sample(service: string, identity: string, watched: string) {
    const args = ['--url', program.url, '--service', service, '--as', identity, '--watch', watched];
    return start('process-user-update.mjs', ...args);
  }

  /** Starts an example in the folder where the package is installed. */
  function start(...args: readonly string[]): RunningExample {
    const example = startExampleIn(folder, program, ...args);
    running.push(example);
    return example;
  }

  it('holds what was built from the sources, its types and its README, and needs nothing else', async () => {
    const installed = join(folder, 'node_modules');
    expect(readdirSync(installed).filter((name) => !name.startsWith('.'))).toEqual([
      '@reachability',
    ]);
    const files = readdirSync(join(installed, '@reachability/client'), { recursive: true }).map(
      String,
    );
    expect(files).toEqual(
      expect.arrayContaining([
        'README.md',
        'LICENSE',
        'dist/index.js',
        'dist/index.d.ts',
        'dist/react/index.js',
        'dist/react/index.d.ts',
      ]),
    );
    expect(files.filter((file) => /\.spec\.|(?<!\.d)\.ts$/.test(file))).toEqual([]);
  });

  it('holds the client in one file for pages without a bundler', async () => {
    const bundle = join(
      folder,
      'node_modules/@reachability/client/dist/reachability-client.min.js',
    );
    expect(readFileSync(bundle, 'utf8')).not.toMatch(/import[ {*]|import\(/);
    const script = `
      import { ChatClient } from ${JSON.stringify(pathToFileURL(bundle))};
      ChatClient.create('token', { url: 'nowhere' }).catch(({ code }) => console.log(code));`;
    const { stdout } = await run(join(BIN, 'node'), ['--input-type=module', '--eval', script]);
    expect(stdout.trim()).toBe('invalid');
  });

  it('gives types to an application without those of Node, and to one with React', async () => {
    writeFileSync(join(folder, 'app.ts'), APPLICATION);
    writeFileSync(join(folder, 'component.ts'), COMPONENT);
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: 'es2022',
      lib: ['es2022', 'dom'],
      types: [],
      module: 'nodenext',
      paths: { react: [join(ROOT, 'node_modules/@types/react/index.d.ts')] },
    };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, include: ['app.ts', 'component.ts'] }),
    );
    await run(join(BIN, 'tsc'), ['-p', folder]);
  });

  it('runs the sample, which prints what becomes of a User and ends when it is told to', async () => {
    copyFileSync(
      join(ROOT, 'examples/process-user-update.mjs'),
      join(folder, 'process-user-update.mjs'),
    );
    const { sid: service } = await program.post('/v2/Services', { FriendlyName: 'Sample' });
    const setReachability = (enabled: boolean) =>
      program.post(`/v2/Services/${service}`, { ReachabilityEnabled: String(enabled) });
    await setReachability(true);
    const observer = sample(service, 'observer', 'bob');
    await observer.says(/connected as observer, reachability enabled: true/);
    const bob = sample(service, 'bob', 'observer');
    // The User comes into being, and its Connection with it or just after.
    await observer.says(
      /bob: isOnline true|bob: isOnline null[^]*updated reachabilityOnline: true/,
    );
    await bob.says(/observer: isOnline true, isNotifiable false/);
    expect(await bob.end()).toBe(0);
    await observer.says(/updated reachabilityOnline: false/);
    await setReachability(false);
    await observer.says(/updated reachabilityOnline: null/);
    expect(await observer.end()).toBe(0);
  });

  it('runs the example that alerts when somebody on call becomes unreachable, also while it was away', async () => {
    copyFileSync(join(ROOT, 'examples/on-call-alert.mjs'), join(folder, 'on-call-alert.mjs'));
    const { sid: service } = await program.post('/v2/Services', { FriendlyName: 'On call' });
    await program.post(`/v2/Services/${service}`, { ReachabilityEnabled: 'true' });
    const users = `/v2/Services/${service}/Users`;
    await program.post(users, { Identity: 'bob' });
    const connect = () => program.post(`${users}/bob/Connections`, { Ttl: '60' });
    const leave = (sid: string) => program.delete(`${users}/bob/Connections/${sid}`);
    const alert = () =>
      start('on-call-alert.mjs', '--service', service, '--on-call', 'bob', '--state', 'version');
    const first = alert();
    await first.says(/following/);
    await leave((await connect()).sid);
    await first.says(/ALERT bob is unreachable since .*: /);
    const { sid } = await connect();
    await first.says(/OK bob is reachable/);
    expect(await first.end()).toBe(0);
    await leave(sid);
    const second = alert();
    await second.says(/ALERT bob is unreachable/);
    expect(await second.end()).toBe(0);
  });
});
