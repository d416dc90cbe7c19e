import type { DatabaseSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import { toPositionNumber } from '#event-store';
import { text } from '#projections/adapters/columns';

/** About a megabyte. */
const CACHED = 10_000;

/** The numbers by which facts of Users name their Service: each is the position of its ServiceCreated. */
export class ServiceNumbers {
  readonly #created;
  readonly #known = new LRUCache<string, number>({ max: CACHED });

  constructor(db: DatabaseSync) {
    this.#created = db.prepare(
      `SELECT position FROM service_facts WHERE service_sid = ? AND type = 'ServiceCreated'
       ORDER BY position LIMIT 1`,
    );
  }

  /** Null for a Service that was never created: it has no answers. */
  of(serviceSid: string): number | null {
    const known = this.#known.get(serviceSid);
    if (known !== undefined) return known;
    const row = this.#created.get(serviceSid);
    if (row === undefined) return null;
    const number = toPositionNumber(text(row, 'position'));
    this.#known.set(serviceSid, number);
    return number;
  }
}
