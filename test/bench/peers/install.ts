import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The package with the peers' libraries, and the programs that use them, apart from the product's. */
export const PEERS_PACKAGE = join(import.meta.dirname, 'programs');
const MODULES = join(PEERS_PACKAGE, 'node_modules');
/** npm writes it last. */
const INSTALLED = join(MODULES, '.package-lock.json');

/**
 * Installs the peers' libraries with `npm ci`, unless they are there. The first time, a compiler may have to build SQLite for Emmett,
 * which takes minutes.
 *
 * @throws Error if npm cannot install them
 */
export function installPeers(): void {
  if (existsSync(INSTALLED)) return;
  console.log('Installing the libraries of the peers');
  execFileSync('npm', ['ci', '--prefix', PEERS_PACKAGE, '--no-audit', '--no-fund'], {
    cwd: PEERS_PACKAGE,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Version of an installed library, of the peers' package or of the repository. */
export function versionOf(name: string): string {
  const folders = [MODULES, join(PEERS_PACKAGE, '../../../../node_modules')];
  const file = folders.map((folder) => join(folder, name, 'package.json')).find(existsSync);
  if (file === undefined) return 'unknown';
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
