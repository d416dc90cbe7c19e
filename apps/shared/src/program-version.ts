import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** Version of this program, as its package names it. */
export const PROGRAM_VERSION = readVersion();

function readVersion(): string {
  const path = findPackageJSON('..', import.meta.url);
  if (path === undefined) throw new Error('The package.json of the program is missing');
  const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof content !== 'object' || content === null || !('version' in content)) {
    throw new Error(`${path} has no version`);
  }
  return String(content.version);
}
