import { open, rename, rm } from 'node:fs/promises';
import { errorMessage } from '#domain';
import { usageError } from '../cli-error.ts';
import type { CommandIo } from './command-io.ts';

/** Characters to collect before a write. */
const CHUNK_LENGTH = 64 * 1024;

/**
 * Writes text to a new file or, without a path, to standard output. A file appears complete or not at all.
 *
 * @throws CliError if the file exists already or cannot be created
 */
export async function writeFileOrOutput(
  io: CommandIo,
  path: string | undefined,
  pieces: AsyncIterable<string>,
): Promise<void> {
  if (path === undefined) return writeInChunks(pieces, (text) => io.write(text));
  await assertAbsent(path);
  const draft = `${path}.${process.pid}.part`;
  const file = await open(draft, 'wx', 0o600).catch((error: unknown) => {
    throw usageError(`Cannot write ${path}: ${errorMessage(error)}`);
  });
  try {
    await writeInChunks(pieces, (text) => file.writeFile(text));
    await file.sync();
    await file.close();
    await rename(draft, path);
  } catch (error) {
    await file.close();
    await rm(draft, { force: true });
    throw error;
  }
}

async function assertAbsent(path: string): Promise<void> {
  const exists = await open(path, 'r').then(
    async (file) => {
      await file.close();
      return true;
    },
    () => false,
  );
  if (exists) throw usageError(`${path} already exists`);
}

async function writeInChunks(
  pieces: AsyncIterable<string>,
  write: (text: string) => Promise<void>,
): Promise<void> {
  let chunk = '';
  for await (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK_LENGTH) continue;
    await write(chunk);
    chunk = '';
  }
  if (chunk !== '') await write(chunk);
}
