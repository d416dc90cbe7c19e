import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Settings } from '#shared/settings/settings';

const ROOT = resolve(import.meta.dirname, '../../..');
const DOCKERFILE = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');

describe('The container image', () => {
  it('has the version of Node that the tests run with', () => {
    const node = join(ROOT, 'node_modules/.bin/node');
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().slice(1);
    const bases = [...DOCKERFILE.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(new Set(bases)).toEqual(new Set([`node:${version}-bookworm-slim`]));
  });

  it('sets what exists, and starts a file that the build makes', () => {
    const [, line = ''] = /^ENV (.+)$/m.exec(DOCKERFILE) ?? [];
    const names = line.split(' ').map((setting) => setting.split('=')[0]);
    expect(Object.keys(new Settings())).toEqual(expect.arrayContaining(names));
    const [, command = ''] = /^CMD (\[.+\])$/m.exec(DOCKERFILE) ?? [];
    const [program, ...args] = JSON.parse(command) as string[];
    expect(program).toBe('node');
    expect(existsSync(join(ROOT, args.at(-1) ?? ''))).toBe(true);
  });

  it('belongs to a user that is not root', () => {
    expect(DOCKERFILE).toMatch(/^USER 1000:1000$/m);
    expect(DOCKERFILE.lastIndexOf('\nUSER ')).toBeGreaterThan(DOCKERFILE.lastIndexOf('\nFROM '));
  });
});
