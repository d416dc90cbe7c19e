import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTemporaryServer } from '../demo/temporary-server.ts';
import { isUnreleased, readTopSection } from './changelog.ts';
import { CheckError, passed, skipped, type Check, type Outcome } from './check.ts';
import { runCommand } from './command.ts';

/** A version of https://semver.org/, without build metadata. */
const SEMANTIC_VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/** Returns the version of the program, from its `package.json`. */
export function readVersion(root: string): string {
  return versionIn(root, 'package.json');
}

/** Returns the checks that everything that names a version names the same one. */
export function versionChecks(root: string): Check[] {
  const version = readVersion(root);
  return [
    { name: 'version', run: () => checkPackages(root, version) },
    { name: 'changelog', run: () => checkChangelog(root, version) },
    { name: 'program', run: () => checkProgram(root, version) },
    { name: 'OpenAPI', run: () => checkOpenApi(version) },
  ];
}

function checkPackages(root: string, version: string): Outcome {
  if (!SEMANTIC_VERSION.test(version)) {
    throw new CheckError(`package.json: ${version} is not a semantic version`);
  }
  for (const file of ['package-lock.json', 'libs/client/package.json']) {
    const found = versionIn(root, file);
    if (found !== version) {
      throw new CheckError(`${file} has version ${found}, package.json ${version}`);
    }
  }
  return passed(version);
}

function checkChangelog(root: string, version: string): Outcome {
  const section = readTopSection(root);
  if (isUnreleased(section)) {
    return skipped(`CHANGELOG.md: its top section is not named yet; it becomes ${version}`);
  }
  if (section.version !== version) {
    throw new CheckError(
      `CHANGELOG.md: its top section is ${section.version}, package.json has ${version}`,
    );
  }
  return passed(`${version} of ${section.date ?? ''}`);
}

function checkProgram(root: string, version: string): Outcome {
  const printed = runCommand(root, process.execPath, 'scripts/reachability.mjs', '--version');
  if (printed.trim() === version) return passed('reachability --version');
  throw new CheckError(`reachability --version prints ${printed.trim()}, not ${version}`);
}

async function checkOpenApi(version: string): Promise<Outcome> {
  const server = await startTemporaryServer();
  try {
    const answer = await fetch(`${server.url}/docs-json`);
    const { info } = (await answer.json()) as { info: { version: string } };
    if (info.version === version) return passed('info.version at /docs-json');
    throw new CheckError(`/docs-json has info.version ${info.version}, not ${version}`);
  } finally {
    await server.stop();
  }
}

function versionIn(root: string, file: string): string {
  const { version } = JSON.parse(readFileSync(join(root, file), 'utf8')) as { version: string };
  return version;
}
