import { chmodSync, lstatSync, readdirSync, statSync, type Dirent, type Stats } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '#domain';

/** Access by anybody but the owner. */
const OTHERS = 0o077;
/** Set on folders that several users share, such as `/tmp`. */
const STICKY = 0o1000;
/** This service's files in a data directory, and what SQLite and unfinished writes put beside them. */
const OWN_FILES = /^((events|read-model|state)\.db|credentials\.json|folder\.id)|\.(key|lock)$/;
/** The folder of leases and slots, and one that a new disk has. */
const EXPECTED_FOLDERS: readonly string[] = ['nodes', 'lost+found'];

/** What {@link makePrivate} did, as sentences for the log. */
export interface PrivacyReport {
  readonly done: readonly string[];
  readonly problems: readonly string[];
}

/**
 * Takes the access of other users from a data directory and from this service's files in it, and reports what it did. It
 * never fails: what belongs to another user, or is on a file system without modes, is a problem in the report. A
 * directory that others share, or that contains folders of something else, such as `/var/lib`, keeps its mode; this
 * service's files in it do not.
 */
export function makePrivate(dataDir: string): PrivacyReport {
  const report = { done: new Array<string>(), problems: new Array<string>() };
  try {
    const folder = statSync(dataDir, { throwIfNoEntry: false });
    if (folder === undefined) return report;
    const entries = readdirSync(dataDir, { withFileTypes: true });
    if (isShared(folder, entries)) {
      report.problems.push(`${dataDir} contains more than this service's data: it keeps its mode`);
    } else tighten(dataDir, folder, report);
    for (const path of ownFiles(dataDir, entries)) {
      const file = lstatSync(path, { throwIfNoEntry: false });
      if (file !== undefined && !file.isSymbolicLink()) tighten(path, file, report);
    }
  } catch (error) {
    report.problems.push(errorMessage(error));
  }
  return report;
}

function isShared(folder: Stats, entries: readonly Dirent[]): boolean {
  return (
    (folder.mode & STICKY) !== 0 ||
    entries.some((entry) => entry.isDirectory() && !EXPECTED_FOLDERS.includes(entry.name))
  );
}

function ownFiles(dataDir: string, entries: readonly Dirent[]): string[] {
  const nodes = join(dataDir, 'nodes');
  const hasNodes = entries.some((entry) => entry.isDirectory() && entry.name === 'nodes');
  const inNodes = hasNodes ? readdirSync(nodes).map((name) => join(nodes, name)) : [];
  const own = entries.filter((entry) => entry.isFile() && OWN_FILES.test(entry.name));
  return [...own.map(({ name }) => join(dataDir, name)), ...(hasNodes ? [nodes] : []), ...inNodes];
}

function tighten(
  path: string,
  { mode, uid }: Stats,
  report: { done: string[]; problems: string[] },
): void {
  if ((mode & OTHERS) === 0) return;
  const shown = (mode & 0o777).toString(8);
  if (uid !== process.geteuid?.()) {
    report.problems.push(`${path} belongs to another user and has mode ${shown}`);
    return;
  }
  try {
    chmodSync(path, mode & 0o777 & ~OTHERS);
    report.done.push(`${path} had mode ${shown}: only its owner may access it from now on`);
  } catch (error) {
    report.problems.push(`${path} has mode ${shown}: ${errorMessage(error)}`);
  }
}
