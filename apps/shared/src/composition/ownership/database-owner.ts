import { hostname } from 'node:os';
import type { LogOwner } from '#event-store';

const DATABASE = 'database';

/** Returns the owner of a log whose processes share a database: on all machines together, they are one. */
export function databaseOwner(): LogOwner {
  return { id: DATABASE, place: DATABASE, description: `DATABASE_URL, at machine ${hostname()}` };
}

export function isDatabaseOwner({ id }: LogOwner): boolean {
  return id === DATABASE;
}
