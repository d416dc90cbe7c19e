/**
 * Makes a release: checks everything that can be checked, makes the artefacts in `release`, and tags the commit. It publishes
 * nothing, but prints the commands that do.
 *
 * Usage: npm run release [-- --dry-run] [--without-image]
 * `--dry-run` makes the same checks and artefacts, and keeps and tags nothing. It ends with 1 where a check fails; a release
 * also where one is skipped.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { artefactChecks } from './release/artefacts.ts';
import { passed, runChecks, skipped, type Outcome, type Summary } from './release/check.ts';
import { runCommand } from './release/command.ts';
import { printPublishing, writeChecksums, writeNotes } from './release/publishing.ts';
import { repositoryChecks, tagOf, tagRelease } from './release/repository.ts';
import { readVersion, versionChecks } from './release/versions.ts';

const ROOT = resolve(import.meta.dirname, '..');
const print = (line: string): void => console.log(line);

const { values: options } = parseArgs({
  options: { 'dry-run': { type: 'boolean' }, 'without-image': { type: 'boolean' } },
});
const isDryRun = options['dry-run'] === true;
const version = readVersion(ROOT);
const target = isDryRun ? mkdtempSync(join(tmpdir(), 'release-')) : join(ROOT, 'release');
if (!isDryRun) rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

try {
  const summary = await check();
  if (summary.failed > 0 || (!isDryRun && summary.skipped > 0)) {
    process.exitCode = 1;
    print(`${version} is not released: ${inWords(summary)}`);
  } else if (isDryRun) {
    print(`${version} could be made: ${inWords(summary)}. Nothing was kept`);
  } else {
    writeNotes(ROOT, target);
    writeChecksums(target);
    tagRelease(ROOT, version);
    print(`${version} is tagged ${tagOf(version)}; release has ${readdirSync(target).join(', ')}`);
    printPublishing(version, target, print);
  }
} finally {
  if (isDryRun) rmSync(target, { recursive: true });
}

/** Makes no artefacts of what has the wrong versions, or is not committed. */
async function check(): Promise<Summary> {
  const release = { root: ROOT, version, target, withImage: options['without-image'] !== true };
  const summary: Summary = { passed: 0, skipped: 0, failed: 0 };
  await runChecks([...repositoryChecks(ROOT, version), ...versionChecks(ROOT)], summary, print);
  if (summary.failed > 0) return summary;
  await runChecks([...artefactChecks(release), { name: 'audit', run: audit }], summary, print);
  return summary;
}

/** Known vulnerabilities are in the registry, which a dry run does not ask. */
function audit(): Outcome {
  if (isDryRun) return skipped('known vulnerabilities were not asked for: a dry run works offline');
  runCommand(ROOT, 'npm', 'audit', '--omit', 'dev', '--audit-level', 'high');
  return passed('none is high or critical');
}

function inWords(summary: Summary): string {
  return `${summary.passed} checks passed, ${summary.failed} failed, ${summary.skipped} were skipped`;
}
