import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { EventStore } from '../event-store.ts';
import { shareOfLog } from '../position.ts';
import { eventLine, headerLine, trailerLine } from './file-format.ts';

export interface ExportOptions {
  /** Ends the export with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called now and then with the number of written events and their approximate share of the log, from 0 to 1. */
  readonly onProgress?: (events: number, share: number) => void;
}

export interface ExportSummary {
  readonly events: number;
  /** Hash of the event lines, as in the trailer. */
  readonly sha256: string;
}

const CHUNK_CHARACTERS = 256 * 1024;

/**
 * Exports the log, up to the end it has at the start of the call, to a file. The file is written under another name
 * in the same directory, and renamed once it is complete and on disk, so that an incomplete file never has the name.
 * An existing file is replaced. A path that is not a regular file, such as a pipe, is written directly.
 *
 * @throws EventStoreError, and the errors of the file system
 */
export async function exportFile(
  store: EventStore,
  path: string,
  options: ExportOptions = {},
): Promise<ExportSummary> {
  if (await isSpecial(path)) return exportTo(store, createWriteStream(path), options);
  const draft = `${path}.${randomBytes(4).toString('hex')}.partial`;
  try {
    const file = createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true });
    const summary = await exportTo(store, file, options);
    await rename(draft, path);
    return summary;
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function isSpecial(path: string): Promise<boolean> {
  // If `stat` fails, writing fails too, and with a better error.
  const found = await stat(path).catch(() => null);
  return found !== null && !found.isFile();
}

/**
 * Exports the log to a stream, with back-pressure, and ends the stream.
 *
 * @throws EventStoreError, and the errors of the stream
 */
export async function exportTo(
  store: EventStore,
  output: Writable,
  { signal, onProgress }: ExportOptions = {},
): Promise<ExportSummary> {
  let summary: ExportSummary = { events: 0, sha256: '' };
  const chunks = exportChunks(store, onProgress, (whole) => (summary = whole));
  try {
    await pipeline(chunks, output, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
  return summary;
}

async function* exportChunks(
  store: EventStore,
  onProgress: ExportOptions['onProgress'],
  onEnd: (summary: ExportSummary) => void,
): AsyncGenerator<string> {
  const head = await store.head();
  const hash = createHash('sha256');
  yield `${headerLine(store.epoch).text}\n`;
  let events = 0;
  let crc = 0;
  let chunk = '';
  for await (const event of store.readAll()) {
    const line = eventLine(event, crc);
    crc = line.crc;
    chunk += `${line.text}\n`;
    events += 1;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    hash.update(chunk);
    yield chunk;
    chunk = '';
    onProgress?.(events, shareOfLog(event.position, head));
  }
  const sha256 = hash.update(chunk).digest('hex');
  yield `${chunk}${trailerLine(events, sha256, crc).text}\n`;
  onEnd({ events, sha256 });
}
