import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageOf } from './artefacts.ts';
import { readTopSection } from './changelog.ts';
import { tagOf } from './repository.ts';

const CHECKSUMS = 'SHA256SUMS';

/** Writes the section of the changelog beside the artefacts, for the page of the release. */
export function writeNotes(root: string, target: string): void {
  writeFileSync(join(target, 'notes.md'), `${readTopSection(root).text}\n`);
}

/** Writes the SHA-256 of each artefact, as `sha256sum --check` reads it. */
export function writeChecksums(target: string): void {
  const lines = readdirSync(target)
    .filter((file) => file !== CHECKSUMS)
    .map((file) => {
      const hash = createHash('sha256')
        .update(readFileSync(join(target, file)))
        .digest('hex');
      return `${hash}  ${file}\n`;
    });
  writeFileSync(join(target, CHECKSUMS), lines.join(''));
}

/** Prints the commands that publish a release. */
export function printPublishing(
  version: string,
  target: string,
  print: (line: string) => void,
): void {
  const packages = readdirSync(target).filter((file) => file.endsWith('.tgz'));
  print('Publish it with:');
  print(`  git push origin ${tagOf(version)}`);
  for (const file of packages) print(`  npm publish release/${file} --access public`);
  print(`  buildah push ${imageOf(version)} docker://REGISTRY/${imageOf(version)}`);
}
