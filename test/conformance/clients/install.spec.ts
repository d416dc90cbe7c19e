import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { installTrees } from '../../twilio-clients/install.ts';
import { isInstalled, type ClientTree } from '../../twilio-clients/trees.ts';

const NAME = 'tiny';
const VERSION = '1.0.0';

/** Installs a package of a local registry. */
describe('A tree', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reachability-trees-'));
  const archive = join(folder, 'tiny.tgz');
  let registry: Server;
  let tree: ClientTree;
  let count = 0;

  beforeAll(async () => {
    const source = join(folder, 'package');
    mkdirSync(source);
    writeFileSync(join(source, 'package.json'), JSON.stringify({ name: NAME, version: VERSION }));
    execFileSync('tar', ['-czf', archive, '-C', folder, 'package']);
    registry = createServer((request, response) => {
      const { port } = registry.address() as AddressInfo;
      const tarball = `http://127.0.0.1:${port}/tiny.tgz`;
      const version = { name: NAME, version: VERSION, dist: { tarball, integrity: integrity() } };
      response.end(
        request.url === '/tiny.tgz'
          ? readFileSync(archive)
          : JSON.stringify({ name: NAME, versions: { [VERSION]: version } }),
      );
    });
    registry.listen(0, '127.0.0.1');
    await once(registry, 'listening');
  });
  afterAll(() => {
    registry.closeAllConnections();
    registry.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    count += 1;
    const { port } = registry.address() as AddressInfo;
    process.env['npm_config_registry'] = `http://127.0.0.1:${port}/`;
    process.env['npm_config_cache'] = join(folder, `cache-${count}`);
    tree = newTree(join(folder, `tree-${count}`));
  });

  function integrity(): string {
    return `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  }

  function newTree(path: string): ClientTree {
    mkdirSync(path);
    const dependencies = { [NAME]: VERSION };
    const entry = { version: VERSION, integrity: integrity() };
    const packages = { '': { dependencies }, [`node_modules/${NAME}`]: entry };
    writeFileSync(join(path, 'package.json'), JSON.stringify({ private: true, dependencies }));
    writeFileSync(
      join(path, 'package-lock.json'),
      JSON.stringify({ lockfileVersion: 3, requires: true, packages }),
    );
    return { name: 'tiny', package: NAME, version: VERSION, sync: null, folder: path };
  }

  it('is installed, and leaves nothing else', async () => {
    expect(isInstalled(tree)).toBe(false);
    expect(await installTrees([tree])).toEqual([]);
    expect(isInstalled(tree)).toBe(true);
    expect(readdirSync(tree.folder).sort()).toEqual([
      'node_modules',
      'package-lock.json',
      'package.json',
    ]);
  });

  it('is mended when it is broken', async () => {
    mkdirSync(join(tree.folder, 'node_modules', NAME), { recursive: true });
    writeFileSync(join(tree.folder, 'node_modules', 'leftover'), '');
    expect(await installTrees([tree])).toEqual([]);
    expect(isInstalled(tree)).toBe(true);
    expect(readdirSync(join(tree.folder, 'node_modules'))).not.toContain('leftover');
  });

  it('is whole when two processes install it at once', async () => {
    expect(await Promise.all([installTrees([tree]), installTrees([tree])])).toEqual([[], []]);
    expect(isInstalled(tree)).toBe(true);
  });

  it('is reported as out of reach without a registry', async () => {
    process.env['npm_config_registry'] = 'http://127.0.0.1:1/';
    const [failure] = await installTrees([tree]);
    expect(failure).toMatchObject({ tree: 'tiny', isOffline: true });
    expect(isInstalled(tree)).toBe(false);
  });

  it('is reported as broken if the package is not the one of the lock', async () => {
    const lock = join(tree.folder, 'package-lock.json');
    writeFileSync(lock, readFileSync(lock, 'utf8').replace('sha512-', 'sha512-AAAA'));
    const [failure] = await installTrees([tree]);
    expect(failure).toMatchObject({ tree: 'tiny', isOffline: false });
  });
});
