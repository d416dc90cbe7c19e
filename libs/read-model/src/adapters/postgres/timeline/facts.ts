import { userStream } from '#domain';
import type { Position } from '#event-store';
import { text, type SqlRow } from '#projections/adapters/columns';
import type { Queries } from '#postgres';
import type { Boundary } from '../../../timeline/intervals.ts';
import type { NamedFact } from '../../../timeline/reachability-changes.ts';
import type { ServiceFact, TimelineUser, UserFact } from '../../../timeline/timeline-state.ts';
import { toServiceFact, toUserFact } from '../../fact-codecs.ts';
import { toHead } from '../../timeline-head.ts';
import { LIVE_SCHEMA } from '../live-schema.ts';

const HEADS = `${LIVE_SCHEMA}.heads`;
const USER_FACTS = `${LIVE_SCHEMA}.user_facts`;
const SERVICE_FACTS = `${LIVE_SCHEMA}.service_facts`;

/** Null when the User has never existed in the Service. */
export async function findHead(
  queries: Queries,
  serviceSid: string,
  userSid: string,
): Promise<TimelineUser | null> {
  const [row] = await queries.query(`SELECT state FROM ${HEADS} WHERE key = $1`, [
    userStream(userSid),
  ]);
  const head = row === undefined ? null : toHead(row);
  return head?.kind === 'user' && head.serviceSid === serviceSid ? head : null;
}

/** The User's latest fact at or before a time. */
export async function userFactAtTime(
  queries: Queries,
  userSid: string,
  at: string,
): Promise<UserFact | null> {
  const [row] = await queries.query(
    `SELECT * FROM ${USER_FACTS} WHERE user_sid = $1 AND at <= $2
     ORDER BY at DESC, position DESC LIMIT 1`,
    [userSid, at],
  );
  return row === undefined ? null : toUserFact(row);
}

/** The Service's latest fact at or before a time. */
export async function serviceFactAtTime(
  queries: Queries,
  serviceSid: string,
  at: string,
): Promise<ServiceFact | null> {
  const [row] = await queries.query(
    `SELECT * FROM ${SERVICE_FACTS} WHERE service_sid = $1 AND at <= $2
     ORDER BY at DESC, position DESC LIMIT 1`,
    [serviceSid, at],
  );
  return row === undefined ? null : toServiceFact(row);
}

/** The User's first change of its value after a position that left it without an open Connection. */
export async function nextGoing(
  queries: Queries,
  userSid: string,
  after: Position,
): Promise<UserFact | null> {
  const [row] = await queries.query(
    `SELECT * FROM ${USER_FACTS} WHERE user_sid = $1 AND turn = position AND position > $2
       AND open_connections = 0
     ORDER BY position LIMIT 1`,
    [userSid, after],
  );
  return row === undefined ? null : toUserFact(row);
}

/** Facts of a Service's flag from the latest up to a position on, oldest first: that one, and at most `limit` after it. */
export async function flagsFrom(
  queries: Queries,
  serviceSid: string,
  position: string,
  limit: number,
): Promise<ServiceFact[]> {
  const flags = `SELECT * FROM ${SERVICE_FACTS} WHERE service_sid = $1 AND type <> 'ServiceUpdated'`;
  const rows = await queries.query(
    `(${flags} AND position <= $2 ORDER BY position DESC LIMIT 1)
     UNION ALL
     (${flags} AND position > $2 ORDER BY position LIMIT $3)
     ORDER BY position`,
    [serviceSid, position, limit],
  );
  return rows.map(toServiceFact);
}

/** Value changes of the Users of a Service after a position, oldest first. */
export async function changesOfService(
  queries: Queries,
  serviceSid: string,
  position: string,
  limit: number,
): Promise<NamedFact[]> {
  const rows = await queries.query(
    `SELECT fact.*, head.state::json ->> 'identity' AS identity
     FROM (
       SELECT * FROM ${USER_FACTS}
       WHERE service_sid = $1 AND turn = position AND position > $2
       ORDER BY position LIMIT $3
     ) AS fact
     JOIN ${HEADS} AS head ON head.key = '${userStream('')}' || fact.user_sid
     ORDER BY fact.position`,
    [serviceSid, position, limit],
  );
  return rows.map((row) => ({ identity: text(row, 'identity'), fact: toUserFact(row) }));
}

/**
 * Boundaries of a User before a position, newest first, or after it, oldest first: changes of its value merged with those
 * of its Service's flag.
 *
 * @param bound excluded
 */
export async function boundaries(
  queries: Queries,
  { sid, serviceSid }: TimelineUser,
  side: 'before' | 'after',
  bound: string,
  limit: number,
): Promise<Boundary[]> {
  const [compare, order] = side === 'before' ? ['<', 'DESC'] : ['>', 'ASC'];
  const rows = await queries.query(
    `SELECT edge.position AS edge, turn.position AS turn, flag.position AS flag
     FROM (
       SELECT position FROM ${USER_FACTS}
       WHERE user_sid = $1 AND turn = position AND position ${compare} $3
       UNION ALL
       SELECT position FROM ${SERVICE_FACTS}
       WHERE service_sid = $2 AND type <> 'ServiceUpdated' AND position ${compare} $3
     ) AS edge
     CROSS JOIN LATERAL (
       SELECT position, user_exists FROM ${USER_FACTS}
       WHERE user_sid = $1 AND turn = position AND position <= edge.position
       ORDER BY position DESC LIMIT 1
     ) AS turn
     CROSS JOIN LATERAL (
       SELECT position FROM ${SERVICE_FACTS}
       WHERE service_sid = $2 AND type <> 'ServiceUpdated' AND position <= edge.position
       ORDER BY position DESC LIMIT 1
     ) AS flag
     WHERE turn.user_exists OR turn.position = edge.position
     ORDER BY edge.position ${order} LIMIT $4`,
    [sid, serviceSid, bound, limit],
  );
  return toBoundaries(queries, rows);
}

async function toBoundaries(queries: Queries, rows: readonly SqlRow[]): Promise<Boundary[]> {
  const users = await factsAt(queries, USER_FACTS, rows, 'turn', toUserFact);
  const services = await factsAt(queries, SERVICE_FACTS, rows, 'flag', toServiceFact);
  return rows.map((row) => {
    const edge = text(row, 'edge');
    const user = users.get(text(row, 'turn'));
    const service = services.get(text(row, 'flag'));
    const own = user?.position === edge ? user : service;
    if (user === undefined || service === undefined || own === undefined) {
      throw new Error(`There is no fact at position ${edge}`);
    }
    return { position: own.position, at: own.at, cause: own.cause, user, service };
  });
}

async function factsAt<Fact extends { readonly position: Position }>(
  queries: Queries,
  table: string,
  rows: readonly SqlRow[],
  column: string,
  decode: (row: SqlRow) => Fact,
): Promise<Map<Position, Fact>> {
  const positions = new Set(rows.map((row) => text(row, column)));
  const found = await queries.query(`SELECT * FROM ${table} WHERE position = ANY ($1::text[])`, [
    [...positions],
  ]);
  return new Map(found.map((row) => decode(row)).map((fact) => [fact.position, fact]));
}
