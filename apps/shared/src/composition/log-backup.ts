import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/schema';
import type { CopyOptions } from '#event-store/adapters/sqlite/index';
import { assertKnownFormat } from './newer-file-error.ts';
import { makePrivate } from './private-data-dir.ts';
import { isWritable } from './read-only-stores.ts';
import { eventsFile } from './event-stores.ts';

export type { CopyOptions };

/** Increase it with every change that an older program cannot restore. */
const FORMAT = 1;

/** The description of a backup, in its `manifest.json`. It is written last: without it a backup is incomplete. */
const Manifest = Type.Object({
  format: Type.Literal(FORMAT),
  epoch: Type.String(),
  position: Type.Union([Type.String(), Type.Null()]),
  events: Type.Integer({ minimum: 0 }),
  created_at: Type.String(),
});
export type BackupManifest = Static<typeof Manifest>;

const MANIFEST = 'manifest.json';
/** SQLite's files beside a database. */
const SUFFIXES = ['', '-journal', '-wal', '-shm'];
const manifestSchema = Compile(Manifest);

/** A backup that is incomplete or damaged, or a directory that is not empty. The message says which. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly code: 'BACKUP.NOT_EMPTY' | 'BACKUP.DAMAGED';

  constructor(code: BackupError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Copies the embedded log of a data directory into `directory`, which must be new or empty; returns the manifest of
 * the backup. Other processes may write to the log. A failure leaves nothing behind.
 *
 * @throws BackupError
 */
export async function backUpLog(
  dataDir: string,
  directory: string,
  options: CopyOptions,
): Promise<BackupManifest> {
  const { copyEventLog } = await import('#event-store/adapters/sqlite/index');
  return inEmptyDirectory(directory, async (created) => {
    const createdAt = new Date().toISOString();
    const file = eventsFile(directory);
    await writeSynced(file, '');
    created.push(file);
    const contents = await copyEventLog(eventsFile(dataDir), file, {
      ...options,
      isReadOnly: !isWritable({ DATA_DIR: dataDir, EVENT_STORE: 'sqlite' }),
    });
    await sync(file);
    const manifest: BackupManifest = { format: FORMAT, ...contents, created_at: createdAt };
    const manifestFile = join(directory, MANIFEST);
    created.push(manifestFile);
    await writeSynced(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  });
}

/**
 * Copies a backup into a data directory, which must be new or empty, and gives the log a new epoch. Returns the
 * manifest of the backup and that epoch. A failure leaves nothing behind.
 *
 * @throws BackupError
 * @throws NewerFileError if a newer program has written the backup
 */
export async function restoreLog(
  directory: string,
  dataDir: string,
  { signal, onProgress }: CopyOptions,
): Promise<{ readonly manifest: BackupManifest; readonly epoch: string }> {
  const { adoptEventLog } = await import('#event-store/adapters/sqlite/index');
  const manifest = await readManifest(directory);
  const backup = eventsFile(directory);
  const { size } = await stat(backup);
  return inEmptyDirectory(dataDir, async (created) => {
    const draft = `${eventsFile(dataDir)}.restoring`;
    await writeSynced(draft, '');
    created.push(draft);
    let done = 0;
    const count = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        done += chunk.length;
        onProgress(done, size);
        yield chunk;
      }
    };
    const output = createWriteStream(draft, { flags: 'r+' });
    await pipeline(createReadStream(backup), count, output, { signal });
    const epoch = adoptEventLog(draft, manifest);
    if (epoch === null) {
      throw new BackupError('BACKUP.DAMAGED', `${backup} is damaged: it differs from ${MANIFEST}`);
    }
    await sync(draft);
    // Unlike a rename, a link does not replace a log that a server has created meanwhile.
    await link(draft, eventsFile(dataDir));
    await rm(draft);
    return { manifest, epoch };
  });
}

async function readManifest(directory: string): Promise<BackupManifest> {
  const path = join(directory, MANIFEST);
  if (existsSync(directory) && !existsSync(path)) {
    const message = `${directory} is not a complete backup: it has no ${MANIFEST}`;
    throw new BackupError('BACKUP.DAMAGED', message);
  }
  const text = await readFile(path, 'utf8');
  const manifest = parseJson(text);
  assertKnownFormat(path, manifest, FORMAT);
  if (manifestSchema.Check(manifest)) return manifest;
  throw new BackupError('BACKUP.DAMAGED', `${path} is not one of a backup`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Runs `work`, which fills a directory, and makes the directory durable. Where `work` fails, the files that it has
 * listed as created are removed: another process may have created others.
 */
async function inEmptyDirectory<T>(
  directory: string,
  work: (created: string[]) => Promise<T>,
): Promise<T> {
  const firstCreated = await mkdir(directory, { recursive: true, mode: 0o700 });
  if ((await readdir(directory)).length > 0) {
    throw new BackupError('BACKUP.NOT_EMPTY', `${directory} is not empty`);
  }
  makePrivate(directory);
  const created: string[] = [];
  try {
    const result = await work(created);
    await sync(directory);
    if (firstCreated !== undefined) await sync(dirname(resolve(firstCreated)));
    return result;
  } catch (error) {
    for (const path of created.flatMap((file) => SUFFIXES.map((suffix) => file + suffix))) {
      await rm(path, { force: true });
    }
    if (firstCreated !== undefined) await rmdir(directory).catch(() => undefined);
    throw error;
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
