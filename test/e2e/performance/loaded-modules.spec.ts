import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProgram, type Program } from '../../support/program.ts';
import { until } from '../../support/until.ts';

const RECORDER = pathToFileURL(join(import.meta.dirname, '../../fixtures/record-modules.ts')).href;

/** What only other settings, commands of the CLI, or requests need. */
const UNUSED = [
  '@eventstore/db-client',
  '@grpc/grpc-js',
  '@nestjs/swagger',
  '@opentelemetry/exporter-trace-otlp-proto',
  '@opentelemetry/sdk-trace-base',
  'commander',
  'csv-parse',
  'csv-stringify',
  'es-toolkit',
  'node-pg-migrate',
  'pg',
  'protobufjs',
  'undici',
];

describe('A start with files alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'modules-'));
  let program: Program;

  beforeAll(async () => {
    program = await startProgram({
      env: {
        MODULES: folder,
        NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import ${RECORDER}`,
      },
    });
  });

  /** A Service that reads show has passed through all threads. */
  beforeAll(async () => {
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'A' });
    await until(
      'the Service',
      async () => (await program.get(`/v2/Services/${sid}`)).status === 200 || undefined,
    );
  });

  afterAll(async () => {
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const modulesOf = (thread: string): string[] =>
    readFileSync(join(folder, thread), 'utf8').trimEnd().split('\n');
  const packagesOf = (thread: string): string[] => [
    ...new Set(modulesOf(thread).flatMap((url) => packageIn(url) ?? [])),
  ];

  it('loads no package that only others use', () => {
    const loaded = packagesOf('main.js');
    expect(loaded).toContain('@nestjs/core');
    expect(loaded.filter((name) => UNUSED.includes(name))).toEqual([]);
  });

  it('loads no operations of typebox other than checks', () => {
    const unused = /\/typebox\/build\/(value|compile)\//;
    expect(modulesOf('main.js').filter((url) => unused.test(url))).toEqual([]);
    expect(modulesOf('projection-worker.js').filter((url) => unused.test(url))).toEqual([]);
  });

  it.each([
    ['writer-thread.js', []],
    ['state-thread.js', []],
    ['projection-worker.js', ['@opentelemetry/api', 'dataloader', 'lru-cache', 'typebox']],
  ])('loads these packages in %s: %j', (thread, packages) => {
    expect(packagesOf(thread).toSorted()).toEqual(packages);
  });

  it('loads the library of its description when somebody reads it', async () => {
    expect((await program.get('/docs-json', { auth: null })).status).toBe(200);
    expect(packagesOf('main.js')).toContain('@nestjs/swagger');
  });
});

/** Returns the name of the package that a module belongs to; undefined for the program's own. */
function packageIn(url: string): string | undefined {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
}
