import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../../..');

function check(...args: readonly string[]): Promise<{ code: number; output: string }> {
  return run('licences.mjs', ...args);
}

function run(
  script: string,
  ...args: readonly string[]
): Promise<{ code: number; output: string }> {
  const command = [join(ROOT, 'scripts', script), ...args];
  return new Promise((done) => {
    const options = { maxBuffer: Infinity };
    const child = execFile(process.execPath, command, options, (_, stdout, stderr) => {
      done({ code: child.exitCode ?? -1, output: stdout + stderr });
    });
  });
}

/** `name@version` of each component of the bill of materials. */
async function billOfMaterials(): Promise<string[]> {
  const { output } = await run('sbom.mjs');
  const { components } = JSON.parse(output) as { components: readonly { 'bom-ref': string }[] };
  return components.map((component) => component['bom-ref']);
}

describe('The packages that are shipped', () => {
  const directory = mkdtempSync(join(tmpdir(), 'licences-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('have allowed licences, and none is deprecated', async () => {
    const { code, output } = await check();
    expect(output).toMatch(/^\d+ packages are shipped:\n/);
    expect(code).toBe(0);
  });

  it('include each package in the bundle of the console', async () => {
    const licences = readFileSync(join(ROOT, 'dist/apps/console/licences.md'), 'utf8');
    const bundled = [...licences.matchAll(/^## (\S+) - (\S+)/gm)].map(
      ([, name, version]) => `${name}@${version}`,
    );
    expect(bundled).toContainEqual(expect.stringMatching(/^react-dom@/));
    expect(await billOfMaterials()).toEqual(expect.arrayContaining(bundled));
  });

  it('include what runs, and nothing that only builds or tests it', async () => {
    const names = (await billOfMaterials()).map((component) => component.replace(/@[^@]+$/, ''));
    expect(names).toEqual(expect.arrayContaining(['fastify', '@eventstore/db-client']));
    for (const name of ['typescript', 'vite', 'jest', '@types/react']) {
      expect(names).not.toContain(name);
    }
  });

  it('are refused with another licence, with none, and when deprecated; those for development are not', async () => {
    const lockFile = join(directory, 'package-lock.json');
    const version = '1.0.0';
    const packages = {
      '': { license: 'GPL-3.0' },
      'node_modules/good': { version, license: '(MIT OR GPL-3.0)' },
      'node_modules/tool': { version, license: 'GPL-3.0', deprecated: 'old', dev: true },
      'node_modules/copyleft': { version, license: 'MIT AND GPL-3.0' },
      'node_modules/good/node_modules/bare': { version },
      'node_modules/@scope/old': { version, license: 'MIT', deprecated: 'use another' },
    };
    writeFileSync(lockFile, JSON.stringify({ packages }));
    const { code, output } = await check(lockFile);
    expect(code).toBe(1);
    expect(output.trim().split('\n')).toEqual([
      expect.stringContaining('copyleft@1.0.0 has the licence MIT AND GPL-3.0'),
      'bare@1.0.0 names no licence',
      '@scope/old@1.0.0 is deprecated: use another',
    ]);
  });
});
