/** Prints a bill of materials (CycloneDX) of what is shipped: the packages that run, and those in the bundle of the console. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundledPackages, shippedPackages } from './shipped-packages.mjs';

const ROOT = resolve(import.meta.dirname, '..');
/** npm marks a package that is only in the bundle as one for development, and scanners skip those. */
const DEVELOPMENT = 'cdx:npm:package:development';

const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
const shipped = new Set(
  shippedPackages(packages, bundledPackages(ROOT)).map(
    ([path, { name, version }]) => `${name ?? path.replace(/^.*node_modules\//, '')}@${version}`,
  ),
);
const args = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
const all = JSON.parse(
  execFileSync('npm', ['sbom', ...args], { cwd: ROOT, maxBuffer: Infinity, encoding: 'utf8' }),
);
const root = all.metadata.component['bom-ref'];
const isShipped = (ref) => ref === root || shipped.has(ref);

console.log(
  JSON.stringify(
    {
      ...all,
      components: all.components
        .filter((component) => isShipped(component['bom-ref']))
        .map((component) => ({
          ...component,
          scope: 'required',
          properties: component.properties.filter(({ name }) => name !== DEVELOPMENT),
        })),
      dependencies: all.dependencies
        .filter(({ ref }) => isShipped(ref))
        .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isShipped) })),
    },
    null,
    2,
  ),
);
