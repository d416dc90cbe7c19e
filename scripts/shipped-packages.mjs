/** Finds the packages of a lock file that are shipped: in `node_modules`, or inside the bundle of the web console. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An import of a package, or of a file in it. */
const PACKAGE_IMPORT = /(?:^import|\bfrom) '(?<name>(?:@[\w.-]+\/)?[\w-][\w.-]*)(?:\/[^']*)?';$/gm;

/** Returns the packages that the web console's sources under a folder import, and that its bundle therefore contains. */
export function bundledPackages(root) {
  const sources = globSync('apps/console/src/**/*.{ts,tsx}', {
    cwd: root,
    exclude: ['**/*.spec.*'],
  });
  const names = sources.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(PACKAGE_IMPORT)].map(
      ({ groups }) => groups.name,
    ),
  );
  return [...new Set(names)].sort();
}

/**
 * Returns the entries, `[path, package]`, of what a lock file ships: all that is neither optional nor for development only,
 * as in the image, and the bundled packages with what they depend on.
 *
 * @throws Error if a bundled package is not in the lock file
 */
export function shippedPackages(packages, bundled) {
  const paths = new Set(
    Object.entries(packages)
      .filter(([path, each]) => path !== '' && !each.dev && !each.devOptional && !each.optional)
      .map(([path]) => path),
  );
  const visit = (name, from) => {
    const path = locate(packages, name, from);
    if (path === undefined)
      throw new Error(`${name}, which ${from} needs, is not in the lock file`);
    if (paths.has(path)) return;
    paths.add(path);
    for (const dependency of Object.keys(packages[path].dependencies ?? {}))
      visit(dependency, path);
  };
  for (const name of bundled) visit(name, '');
  return Object.entries(packages).filter(([path]) => paths.has(path));
}

/** Returns the path of the package that `from` gets for a name: in its own folder, or in the nearest one above. */
function locate(packages, name, from) {
  const path = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  if (path in packages) return path;
  if (from === '') return undefined;
  return locate(packages, name, from.replace(/\/?node_modules\/(?:@[^/]+\/)?[^/]+$/, ''));
}
