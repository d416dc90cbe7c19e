import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import type { Release } from './artefacts.ts';
import { CheckError, passed, type Outcome } from './check.ts';
import { runCommand } from './command.ts';

const FOLDER = 'libs/client';
/** Bytes of the archive. It has 64 KiB today: what makes it twice as large should be noticed. */
const MAX_BYTES = 128 * 1024;
const NEEDED_FILES = ['LICENSE', 'README.md', 'package.json'];

interface Manifest {
  readonly name: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * Packs the client, and checks the archive: its size, its licence, and that each of its exports has code and types.
 *
 * @throws CheckError
 */
export async function checkClientPackage({
  root,
  target,
}: Pick<Release, 'root' | 'target'>): Promise<Outcome> {
  const folder = join(root, FOLDER);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const [packed] = JSON.parse(
    runCommand(
      folder,
      'npm',
      'pack',
      '--json',
      '--foreground-scripts=false',
      '--pack-destination',
      target,
    ),
  ) as { readonly filename: string; readonly files: readonly { readonly path: string }[] }[];
  if (packed === undefined) throw new CheckError(`${FOLDER}: npm pack made no archive`);
  const archive = join(target, packed.filename);
  const { size } = statSync(archive);
  if (size > MAX_BYTES) {
    throw new CheckError(`${packed.filename} has ${size} bytes, more than ${MAX_BYTES}`);
  }
  const present = new Set(packed.files.map(({ path }) => path));
  for (const file of [...NEEDED_FILES, ...exportedFiles(manifest)]) {
    if (!present.has(file)) throw new CheckError(`${packed.filename} lacks ${file}`);
  }
  if (manifest.license !== 'MIT') {
    throw new CheckError(`${FOLDER}/package.json has the licence ${manifest.license}, not MIT`);
  }
  await lint(archive, manifest);
  return passed(`${packed.filename}, ${size >> 10} KiB, ${present.size} files`);
}

/** The files that the exports name, of code as of types. */
function exportedFiles({ exports }: Manifest): string[] {
  return Object.entries(exports).flatMap(([name, { types, default: code }]) => {
    if (types === undefined || code === undefined) {
      throw new CheckError(`${FOLDER}/package.json: the export ${name} has no types or no code`);
    }
    return [types, code].map((file) => file.replace(/^\.\//, ''));
  });
}

/** Checks how bundlers and Node resolve the package. @throws CheckError */
async function lint(archive: string, manifest: Manifest): Promise<void> {
  const bytes = new Uint8Array(readFileSync(archive));
  const { messages } = await publint({ pack: { tarball: bytes.buffer } });
  const [first] = messages.filter(({ type }) => type !== 'suggestion');
  if (first === undefined) return;
  const text = formatMessage(first, { ...manifest }, { color: false });
  throw new CheckError(`${FOLDER}/package.json: ${text ?? first.code}`);
}
