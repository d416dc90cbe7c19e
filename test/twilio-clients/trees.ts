import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = import.meta.dirname;
/** How a tree of which `twilio-sync` is pinned to an older version differs, at the end of its name. */
const PINNED_SYNC = /-sync-(\d+\.\d+)$/;

/**
 * One release of one of Twilio's packages with its own `node_modules`, as an application has it that installs nothing
 * else. Its folder has `package.json` with the exact version, and the lock.
 */
export interface ClientTree {
  /** Name of the folder. */
  readonly name: string;
  /** Name of the package in the registry. */
  readonly package: string;
  /** Exact version. */
  readonly version: string;
  /** Major and minor version of `twilio-sync` where it is not the newest that the package accepts. */
  readonly sync: string | null;
  /** Absolute path of the folder. */
  readonly folder: string;
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; optional?: boolean }>>;
}

/** Returns all trees in the order of their names. */
export function clientTrees(): ClientTree[] {
  return readdirSync(FOLDER)
    .filter((name) => existsSync(join(FOLDER, name, 'package.json')))
    .sort()
    .map((name) => readTree(name));
}

/** Returns the tree with this name. @throws Error if there is none */
export function clientTree(name: string): ClientTree {
  return readTree(name);
}

function readTree(name: string): ClientTree {
  const folder = join(FOLDER, name);
  const { dependencies } = readJson(join(folder, 'package.json')) as Manifest;
  const [entry, ...others] = Object.entries(dependencies);
  if (entry === undefined || others.length > 0) throw new Error(`${name} needs one dependency`);
  const [packageName, version] = entry;
  return { name, package: packageName, version, sync: PINNED_SYNC.exec(name)?.[1] ?? null, folder };
}

/** Returns the packages of the lock that a folder lacks, or has in another version. */
export function missingPackages(tree: ClientTree, folder = tree.folder): string[] {
  const { packages } = readJson(join(tree.folder, 'package-lock.json')) as Lock;
  return Object.entries(packages)
    .filter(([path, { optional }]) => path !== '' && optional !== true)
    .filter(([path, { version }]) => installedVersion(join(folder, path)) !== version)
    .map(([path]) => path);
}

/** Returns whether the tree has every package of its lock. */
export function isInstalled(tree: ClientTree): boolean {
  return missingPackages(tree).length === 0;
}

function installedVersion(folder: string): string | null {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) return null;
  const { version } = readJson(manifest) as { readonly version?: string };
  return version ?? null;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
