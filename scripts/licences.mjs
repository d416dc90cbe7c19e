/**
 * Checks the packages that are shipped, in `node_modules` or in the bundle of the console: each has an allowed licence, and
 * none is deprecated. Prints the licences, or each problem with exit code 1.
 *
 * Usage: node scripts/licences.mjs [package-lock.json]
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { bundledPackages, shippedPackages } from './shipped-packages.mjs';

/** Licences, by SPDX identifier, that ask no more than to keep their notice. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'Python-2.0',
]);

/** Whether an SPDX expression leaves a choice of allowed licences only. Nested expressions are not understood. */
function isAllowed(expression) {
  return expression
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((licence) => ALLOWED.has(licence)));
}

const ROOT = resolve(import.meta.dirname, '..');
const [, , otherLockFile] = process.argv;
const { packages } = JSON.parse(
  readFileSync(otherLockFile ?? resolve(ROOT, 'package-lock.json'), 'utf8'),
);
const bundled = otherLockFile === undefined ? bundledPackages(ROOT) : [];
const shipped = shippedPackages(packages, bundled);
const problems = shipped.flatMap(([path, { version, license, deprecated }]) => {
  const name = `${path.replace(/^.*node_modules\//, '')}@${version}`;
  return [
    ...(license === undefined ? [`${name} names no licence`] : []),
    ...(license !== undefined && !isAllowed(license)
      ? [`${name} has the licence ${license}, which is not in the list of ${import.meta.filename}`]
      : []),
    ...(deprecated !== undefined ? [`${name} is deprecated: ${deprecated}`] : []),
  ];
});
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
} else {
  const counts = Object.entries(Object.groupBy(shipped, ([, { license }]) => license));
  const lines = counts.map(([licence, { length }]) => `${String(length).padStart(4)} ${licence}`);
  console.log(`${shipped.length} packages are shipped:\n${lines.sort().reverse().join('\n')}`);
}
