import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Lease, LeaseStore } from '../../lease-store.ts';

const SUFFIX = '.lease';

const validator = Compile(
  Type.Object({
    nodeId: Type.String(),
    incarnation: Type.Integer({ minimum: 1 }),
    counter: Type.Integer({ minimum: 0 }),
    renewedAt: Type.Optional(Type.String()),
  }),
);

/**
 * Leases in one small file per node, in a directory that the processes of one machine share. A renewal writes a new
 * file and renames it over the old one, so no reader sees half a lease, and a process that stops meanwhile does not
 * block others.
 */
export class FileLeaseStore implements LeaseStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async renew({ nodeId, incarnation, counter, renewedAt }: Lease): Promise<void> {
    const path = this.#pathOf(nodeId);
    const fresh = `${path}.new`;
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const file = await open(fresh, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify({ nodeId, incarnation, counter, renewedAt }));
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  }

  async list(): Promise<Lease[]> {
    const names = await nullIfMissing(readdir(this.#directory));
    const files = (names ?? []).filter((name) => name.endsWith(SUFFIX));
    const leases = await Promise.all(files.map((name) => this.#read(join(this.#directory, name))));
    return leases.filter((lease) => lease !== null);
  }

  async remove({ nodeId, incarnation }: Pick<Lease, 'nodeId' | 'incarnation'>): Promise<void> {
    const path = this.#pathOf(nodeId);
    const lease = await this.#read(path);
    // This may also delete the lease of an incarnation that starts right now; its next renewal restores it.
    if (lease?.incarnation === incarnation) await rm(path, { force: true });
  }

  #pathOf(nodeId: string): string {
    return join(this.#directory, `${nodeId}${SUFFIX}`);
  }

  /** Returns null if the file is missing, or empty after a power cut. */
  async #read(path: string): Promise<Lease | null> {
    const content = await nullIfMissing(readFile(path, 'utf8'));
    if (content === null || content.trim() === '') return null;
    const value: unknown = JSON.parse(content);
    if (!validator.Check(value)) throw new Error(`${path} does not hold a lease`);
    return value;
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
