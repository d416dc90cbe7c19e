import { EventStoreUnavailableError, type Position } from '#event-store';
import { notification, NOTIFY, type Queries } from '#postgres';
import { integer, type SqlRow } from '../columns.ts';

const LIVE_VERSION = `
  SELECT version FROM reachability.projection_versions WHERE name = $1 AND state = 'live'
  AND EXISTS (SELECT 1 FROM reachability.read_model WHERE epoch = $2)`;
const ANNOUNCE_MOVE = `
  SELECT version, ${NOTIFY} FROM reachability.projection_versions
  WHERE name = $2 AND state = 'live'
  AND EXISTS (SELECT 1 FROM reachability.read_model WHERE epoch = $3)`;

/** Topic of the notifications that the live version of a projection has moved. Their detail is `<epoch>:<position>`. */
export function movesTopic(projection: string): string {
  return `${projection}_moved`;
}

/**
 * Returns the version of a projection that answers reads.
 *
 * @throws EventStoreUnavailableError when another process has discarded the read model of this epoch
 */
export async function liveVersion(queries: Queries, name: string, epoch: string): Promise<number> {
  return toVersion(name, epoch, await queries.query(LIVE_VERSION, [name, epoch]));
}

/**
 * Makes the commit of a transaction tell all processes that the live version has reached a position. In the same
 * statement it returns that version, as {@link liveVersion} does: so it costs a commit nothing.
 */
export async function announceMove(
  queries: Queries,
  name: string,
  epoch: string,
  position: Position | null,
): Promise<number> {
  const told = notification(movesTopic(name), `${epoch}:${position ?? ''}`);
  return toVersion(name, epoch, await queries.query(ANNOUNCE_MOVE, [told, name, epoch]));
}

function toVersion(name: string, epoch: string, [row]: readonly SqlRow[]): number {
  if (row === undefined) {
    throw new EventStoreUnavailableError(`No version of ${name} is live in epoch ${epoch}`);
  }
  return integer(row, 'version');
}
