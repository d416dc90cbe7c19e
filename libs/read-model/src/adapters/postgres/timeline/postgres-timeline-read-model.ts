import { justAfter, type Position } from '#event-store';
import type { Checkpoint } from '#projections';
import { toCheckpoint } from '#projections/adapters/postgres/version-rows';
import type { Database, Queries } from '#postgres';
import { intervalsAfter, intervalsBefore, type Boundary } from '../../../timeline/intervals.ts';
import { lastSeenBeforeClose } from '../../../timeline/last-seen.ts';
import { toChangesPage, type ChangesPage } from '../../../timeline/reachability-changes.ts';
import type {
  HistoryInterval,
  PastUser,
  TimelineReadModel,
} from '../../../timeline/timeline-read-model.ts';
import type { TimelineUser } from '../../../timeline/timeline-state.ts';
import { valueAt } from '../../../timeline/value-at.ts';
import type { Page, PageRequest } from '../../../users/users-read-model.ts';
import {
  boundaries,
  changesOfService,
  findHead,
  flagsFrom,
  nextGoing,
  serviceFactAtTime,
  userFactAtTime,
} from './facts.ts';
import { LIVE_SCHEMA } from '../live-schema.ts';

/** Sorts after every position: positions are digits. */
const AFTER_ALL = '~';

/** Reads of the `timeline` projection in PostgreSQL, through the views that show the live version. */
export class PostgresTimelineReadModel implements TimelineReadModel {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  checkpoint(): Promise<Checkpoint> {
    return readCheckpoint(this.#database);
  }

  asOf(serviceSid: string, userSid: string, at: string): Promise<PastUser | null> {
    return this.#database.transaction('snapshot', async (queries) => {
      const head = await findHead(queries, serviceSid, userSid);
      return head === null ? null : readAsOf(queries, head, at);
    });
  }

  history(
    serviceSid: string,
    userSid: string,
    page: PageRequest,
  ): Promise<Page<HistoryInterval> | null> {
    return this.#database.transaction('snapshot', async (queries) => {
      const head = await findHead(queries, serviceSid, userSid);
      return head === null ? null : readHistory(queries, head, page);
    });
  }

  changes(serviceSid: string, after: Position | null, limit: number): Promise<ChangesPage> {
    return this.#database.transaction('snapshot', (queries) =>
      readChanges(queries, serviceSid, after ?? '', limit),
    );
  }
}

async function readCheckpoint(queries: Queries): Promise<Checkpoint> {
  const [row] = await queries.query(`SELECT * FROM ${LIVE_SCHEMA}.timeline_checkpoint`);
  return toCheckpoint(row);
}

async function readChanges(
  queries: Queries,
  serviceSid: string,
  after: string,
  limit: number,
): Promise<ChangesPage> {
  const checkpoint = await readCheckpoint(queries);
  const flags = await flagsFrom(queries, serviceSid, after, limit);
  const [first] = flags;
  const service = first !== undefined && first.position <= after ? first : null;
  const users = await changesOfService(queries, serviceSid, after, limit);
  return toChangesPage({
    checkpoint,
    service,
    flags: service === null ? flags : flags.slice(1),
    users,
    limit,
  });
}

async function readAsOf(
  queries: Queries,
  { sid, serviceSid, identity }: TimelineUser,
  at: string,
): Promise<PastUser | null> {
  const user = await userFactAtTime(queries, sid, at);
  const service = await serviceFactAtTime(queries, serviceSid, at);
  const value = user === null ? null : valueAt(user, service);
  if (user === null || service === null || value === null) return null;
  const past = { user: { ...user, sid, serviceSid, identity }, service };
  if (value.isOnline === null) return { ...past, lastSeenAt: null };
  if (!value.isOnline) return { ...past, lastSeenAt: lastSeenBeforeClose(user) };
  const seen = (await nextGoing(queries, sid, user.position))?.cause.lastSeenAt ?? null;
  return { ...past, lastSeenAt: seen !== null && seen <= at ? seen : null };
}

async function readHistory(
  queries: Queries,
  head: TimelineUser,
  { cursor, size }: PageRequest,
): Promise<Page<HistoryInterval>> {
  if ('before' in cursor) {
    const found = await enoughIntervals(size + 1, (limit) =>
      boundaries(queries, head, 'after', cursor.before, limit),
    )((edges) => intervalsAfter(edges, size + 1));
    const rows = found.slice(0, size).reverse();
    return { rows, hasPrevious: found.length > size, hasNext: true };
  }
  const position = cursor.after ?? AFTER_ALL;
  const newer = cursor.after === null ? null : await timeAtOrAfter(queries, head, position);
  const found = await enoughIntervals(size + 1, (limit) =>
    boundaries(queries, head, 'before', position, limit),
  )((edges) => intervalsBefore(edges, size + 1, newer));
  return {
    rows: found.slice(0, size),
    hasPrevious: cursor.after !== null,
    hasNext: found.length > size,
  };
}

/** Reads more boundaries until they make enough intervals: not each of them begins one. */
function enoughIntervals(wanted: number, read: (limit: number) => Promise<Boundary[]>) {
  return async (
    toIntervals: (edges: readonly Boundary[]) => HistoryInterval[],
  ): Promise<HistoryInterval[]> => {
    for (let limit = 2 * wanted + 2; ; limit *= 2) {
      const edges = await read(limit);
      const intervals = toIntervals(edges);
      if (intervals.length >= wanted || edges.length < limit) return intervals;
    }
  };
}

/** Time of the first boundary at or after a position. */
async function timeAtOrAfter(
  queries: Queries,
  head: TimelineUser,
  position: string,
): Promise<string | null> {
  const [at] = await boundaries(queries, head, 'before', justAfter(position), 1);
  if (at?.position === position) return at.at;
  const [after] = await boundaries(queries, head, 'after', position, 1);
  return after?.at ?? null;
}
