import { EventStoreUnavailableError, type Position } from '#event-store';
import { notification, NOTIFY, type Queries } from '#postgres';
import { integer, type SqlRow } from '../columns.ts';

const LIVE_VERSION = `
  SELECT version FROM reachability.read_model_versions
  WHERE name = $1 AND tables = $3 AND state = 'live'
  AND EXISTS (SELECT 1 FROM reachability.read_models WHERE tables = $3 AND epoch = $2)`;
const ANNOUNCE_MOVE = `
  SELECT version, ${NOTIFY} FROM reachability.read_model_versions
  WHERE name = $2 AND tables = $4 AND state = 'live'
  AND EXISTS (SELECT 1 FROM reachability.read_models WHERE tables = $4 AND epoch = $3)`;

/** A read model in the database: the event store that it was derived from, and the number of its tables. */
export interface ReadModelId {
  readonly epoch: string;
  readonly tables: number;
}

/** Topic of the notifications that the live version of a projection has moved. Their detail is `<epoch>:<position>`. */
export function movesTopic(projection: string, tables: number): string {
  return `${projection}_${tables}_moved`;
}

/**
 * Returns the version of a projection that answers reads.
 *
 * @throws EventStoreUnavailableError when another process has discarded the read model of this epoch
 */
export async function liveVersion(
  queries: Queries,
  name: string,
  { epoch, tables }: ReadModelId,
): Promise<number> {
  return toVersion(name, epoch, await queries.query(LIVE_VERSION, [name, epoch, tables]));
}

/**
 * Makes the commit of a transaction tell all processes that the live version has reached a position. In the same
 * statement it returns that version, as {@link liveVersion} does: so it costs a commit nothing.
 */
export async function announceMove(
  queries: Queries,
  name: string,
  { epoch, tables }: ReadModelId,
  position: Position | null,
): Promise<number> {
  const told = notification(movesTopic(name, tables), `${epoch}:${position ?? ''}`);
  return toVersion(name, epoch, await queries.query(ANNOUNCE_MOVE, [told, name, epoch, tables]));
}

function toVersion(name: string, epoch: string, [row]: readonly SqlRow[]): number {
  if (row === undefined) {
    throw new EventStoreUnavailableError(`No version of ${name} is live in epoch ${epoch}`);
  }
  return integer(row, 'version');
}
