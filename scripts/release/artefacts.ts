import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CheckError, passed, skipped, type Check, type Outcome } from './check.ts';
import { checkClientPackage } from './client-package.ts';
import { hasCommand, runCommand } from './command.ts';

const IMAGE = 'reachability';
/** Tools that build images, the first that is installed is used. */
const BUILDERS = [
  { command: 'buildah', args: ['build', '--isolation', 'chroot'] },
  { command: 'podman', args: ['build'] },
  { command: 'docker', args: ['build'] },
] as const;

/** Where a release is made, and what of it. */
export interface Release {
  readonly root: string;
  readonly version: string;
  /** Folder that gets the artefacts. */
  readonly target: string;
  readonly withImage: boolean;
}

/** Returns the steps that make the artefacts of a release, each of which checks its own. */
export function artefactChecks(release: Release): Check[] {
  return [
    { name: 'licences', run: () => checkLicences(release) },
    { name: 'SBOM', run: () => writeBillOfMaterials(release) },
    { name: 'client', run: () => checkClientPackage(release) },
    { name: 'image', run: () => buildImage(release) },
  ];
}

/** Returns the name of the image of a version. */
export const imageOf = (version: string): string => `${IMAGE}:${version}`;

function checkLicences({ root }: Release): Outcome {
  const [first = ''] = runCommand(root, process.execPath, 'scripts/licences.mjs').split('\n');
  return passed(first.replace(/:$/, ', each with an allowed licence'));
}

function writeBillOfMaterials({ root, version, target }: Release): Outcome {
  const text = runCommand(root, process.execPath, 'scripts/sbom.mjs');
  const { bomFormat, metadata, components } = JSON.parse(text) as {
    readonly bomFormat: string;
    readonly metadata: { readonly component: { readonly version: string } };
    readonly components: readonly { readonly name: string; readonly purl?: string }[];
  };
  if (bomFormat !== 'CycloneDX' || metadata.component.version !== version) {
    throw new CheckError(`scripts/sbom.mjs does not describe version ${version} as CycloneDX`);
  }
  const nameless = components.find(({ purl }) => purl === undefined);
  if (nameless !== undefined) throw new CheckError(`The SBOM has no purl of ${nameless.name}`);
  const file = join(target, 'sbom.cdx.json');
  writeFileSync(file, text);
  return passed(`${components.length} packages, ${readFileSync(file).length >> 10} KiB`);
}

function buildImage({ root, version, withImage }: Release): Outcome {
  if (!withImage) return skipped('the image was not built, as asked');
  const builder = BUILDERS.find(({ command }) => hasCommand(command));
  if (builder === undefined) {
    const names = BUILDERS.map(({ command }) => command).join(', ');
    return skipped(`the image was not built: there is none of ${names}`);
  }
  runCommand(root, builder.command, ...builder.args, '-t', imageOf(version), '.');
  return passed(`${imageOf(version)}, by ${builder.command}`);
}
