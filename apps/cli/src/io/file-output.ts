import { open, rename, rm } from 'node:fs/promises';
import { usageError } from '../cli-error.ts';
import type { CommandIo } from './command-io.ts';

/** Characters gathered before they are written. */
const CHUNK = 64 * 1024;

/**
 * Writes pieces of text to a file or, where none is named, to standard output. A file appears whole or not at all.
 *
 * @throws CliError where the file is there already or cannot be made
 */
export async function writeFileOrOutput(
  io: CommandIo,
  path: string | undefined,
  pieces: AsyncIterable<string>,
): Promise<void> {
  if (path === undefined) return inChunks(pieces, (text) => io.write(text));
  await assertAbsent(path);
  const draft = `${path}.${process.pid}.part`;
  const file = await open(draft, 'wx', 0o600).catch((error: unknown) => {
    throw usageError(
      `Cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  try {
    await inChunks(pieces, (text) => file.writeFile(text));
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
  const there = await open(path, 'r').then(
    async (file) => {
      await file.close();
      return true;
    },
    () => false,
  );
  if (there) throw usageError(`${path} is there already`);
}

async function inChunks(
  pieces: AsyncIterable<string>,
  write: (text: string) => Promise<void>,
): Promise<void> {
  let chunk = '';
  for await (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK) continue;
    await write(chunk);
    chunk = '';
  }
  if (chunk !== '') await write(chunk);
}
