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
 * One small file for each node in a directory that the processes of one machine share. A renewal is written beside
 * the file and put in its place, so that nobody ever reads half of one, and a process that is stopped in the midst
 * of it holds up nobody.
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
    const names = await ifThere(readdir(this.#directory));
    const files = (names ?? []).filter((name) => name.endsWith(SUFFIX));
    const leases = await Promise.all(files.map((name) => this.#read(join(this.#directory, name))));
    return leases.filter((lease) => lease !== null);
  }

  async remove({ nodeId, incarnation }: Pick<Lease, 'nodeId' | 'incarnation'>): Promise<void> {
    const path = this.#pathOf(nodeId);
    const lease = await this.#read(path);
    // A renewal by a new incarnation at this very moment is lost with it, and made good by the next.
    if (lease?.incarnation === incarnation) await rm(path, { force: true });
  }

  #pathOf(nodeId: string): string {
    return join(this.#directory, `${nodeId}${SUFFIX}`);
  }

  /** Null where there is none, or where a power cut has left less than one. */
  async #read(path: string): Promise<Lease | null> {
    const content = await ifThere(readFile(path, 'utf8'));
    if (content === null || content.trim() === '') return null;
    const value: unknown = JSON.parse(content);
    if (!validator.Check(value)) throw new Error(`${path} does not hold a lease`);
    return value;
  }
}

/** Null when the file, or the directory, is not there. */
async function ifThere<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') {
      return null;
    }
    throw error;
  }
}
