import * as fs from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Lease, LeaseStore } from '../../lease-store.ts';
import { decodeLease, encodeLease } from './lease-record.ts';

const SUFFIX = '.lease';
/** Reads of a record that is just being written. Writing it takes microseconds. */
const MAX_READS = 10;

// Descriptors rather than FileHandles: a handle is closed when it is garbage-collected.
const open = promisify(fs.open);
const write = promisify(fs.write);
const close = promisify(fs.close);
const fstat = promisify(fs.fstat);

/** An open file, as long as its path leads to it. */
interface OpenFile {
  readonly descriptor: number;
  readonly inode: number;
}

/**
 * Leases in one small file per node, in a directory that the processes of one machine share. Its holder keeps the file
 * open and writes over it in place, so that a renewal needs no descriptor: a process that has used up all of them must
 * not be taken for a lost one. A checksum tells readers that they have read half a record, and they read again.
 */
export class FileLeaseStore implements LeaseStore {
  readonly #directory: string;
  /** Files of the leases that were renewed here, by node id. */
  readonly #files = new Map<string, OpenFile>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  async renew(lease: Lease): Promise<void> {
    const path = this.#pathOf(lease.nodeId);
    const record = encodeLease(lease);
    const file = this.#files.get(lease.nodeId);
    if (file !== undefined) {
      await write(file.descriptor, record, 0, record.length, 0);
      const found = await nullIfMissing(stat(path));
      if (found?.ino === file.inode) return;
      // Another process has removed or replaced the file.
      await this.#close(lease.nodeId);
    }
    this.#files.set(lease.nodeId, await this.#create(path, record));
  }

  async list(): Promise<Lease[]> {
    const names = await nullIfMissing(readdir(this.#directory));
    const files = (names ?? []).filter((name) => name.endsWith(SUFFIX));
    const leases = await Promise.all(files.map((name) => read(join(this.#directory, name))));
    return leases.filter((lease) => lease !== null);
  }

  async remove({ nodeId, incarnation }: Pick<Lease, 'nodeId' | 'incarnation'>): Promise<void> {
    const path = this.#pathOf(nodeId);
    const lease = await read(path);
    // This may also delete the lease of an incarnation that starts right now; its next renewal restores it.
    if (lease?.incarnation !== incarnation) return;
    await rm(path, { force: true });
    await this.#close(nodeId);
  }

  /** Writes a new file and renames it, so that no reader sees an empty one. */
  async #create(path: string, record: Buffer): Promise<OpenFile> {
    const fresh = `${path}.new`;
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const descriptor = await open(fresh, 'w', 0o600);
    try {
      await write(descriptor, record, 0, record.length, 0);
      await rename(fresh, path);
      return { descriptor, inode: (await fstat(descriptor)).ino };
    } catch (error) {
      await close(descriptor);
      throw error;
    }
  }

  async #close(nodeId: string): Promise<void> {
    const file = this.#files.get(nodeId);
    this.#files.delete(nodeId);
    if (file !== undefined) await close(file.descriptor);
  }

  #pathOf(nodeId: string): string {
    return join(this.#directory, `${nodeId}${SUFFIX}`);
  }
}

/**
 * Returns null if the file is missing, or not whole after a power cut.
 *
 * @throws Error where the file holds something else
 */
async function read(path: string): Promise<Lease | null> {
  for (let reads = 0; reads < MAX_READS; reads += 1) {
    const content = await nullIfMissing(readFile(path, 'utf8'));
    if (content === null || content.trim() === '') return null;
    const lease = decode(path, content);
    if (lease !== 'torn') return lease;
    await setImmediate();
  }
  return null;
}

function decode(path: string, content: string): Lease | 'torn' {
  try {
    return decodeLease(content);
  } catch (error) {
    throw new Error(`${path} does not hold a lease`, { cause: error });
  }
}

/** Returns null if the file or the directory does not exist. */
async function nullIfMissing<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') {
      return null;
    }
    throw error;
  }
}
