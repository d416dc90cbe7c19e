import type { Incarnation } from '#domain';
import { batchedReads } from '#event-store/batched-reads';
import type { Checkpoint } from '#projections';
import { text } from '#projections/adapters/columns';
import { toCheckpoint } from '#projections/adapters/postgres/version-rows';
import type { Database, Parameter, Queries } from '#postgres';
import { BY_CREATION, userConditions, type UserSelection } from '../../../users/user-selection.ts';
import type { UserProfile, UserSummary } from '../../../users/user-summary.ts';
import type {
  BindingFilter,
  BindingOfUser,
  ConnectionOfUser,
  NodeConnection,
  NodeConnectionCursor,
  Page,
  PageRequest,
  ResolvedUsers,
  UserInService,
  UserKey,
  UsersOfService,
  UsersReadModel,
} from '../../../users/users-read-model.ts';
import type { ApiKeyRow, NodeRow, ServiceRow, UsersState } from '../../../users/users-state.ts';
import { toApiKey } from '../../api-key-codec.ts';
import { NO_USERS, readUserList } from '../../user-list/read-user-list.ts';
import {
  COLUMNS_WITHOUT_PROFILE,
  SUMMARY_COLUMNS,
  toBindingOfUser,
  toConnectionOfUser,
  toNode,
  toNodeConnection,
  toService,
  toUserProfile,
  toUserSummary,
  toUserWithoutProfile,
} from '../../row-codecs.ts';
import { LIVE_SCHEMA } from '../live-schema.ts';
import { readPage } from '../paging.ts';
import { usersTables } from './users-tables.ts';

const SERVICES = `${LIVE_SCHEMA}.services`;
const USERS = `${LIVE_SCHEMA}.users`;
const CONNECTIONS = `${LIVE_SCHEMA}.connections`;
const BINDINGS = `${LIVE_SCHEMA}.bindings`;
const NODES = `${LIVE_SCHEMA}.nodes`;
const API_KEYS = `${LIVE_SCHEMA}.api_keys`;
export const USERS_TABLE = { name: USERS, mark: (n: number) => `$${n}` };
/**
 * A list reads its ranges by index, whatever the planner thinks of their sizes, and is planned for its own values: a plan
 * for any value guesses how many rows a range has.
 */
export const BY_INDEX = {
  enable_seqscan: 'off',
  jit: 'off',
  plan_cache_mode: 'force_custom_plan',
} as const;
const CHECKPOINT = `${LIVE_SCHEMA}.users_checkpoint`;

const USER_COLUMNS = SUMMARY_COLUMNS.map((column) => `u.${column}`);
const SERVICE_COLUMNS = [
  'sid',
  'settings',
  'reachability_enabled',
  'flag_position',
  'flag_changed_at',
  'created_at',
  'created_position',
  'updated_at',
  'deleted',
].map((column) => `s.${column} AS service_${column}`);

/** Reads of the `users` projection in PostgreSQL, through the views that show the live version. */
export class PostgresUsersReadModel implements UsersReadModel {
  readonly #database: Database;
  readonly #readUser;

  constructor(database: Database) {
    this.#database = database;
    this.#readUser = batchedReads((users: readonly UserKey[]) => usersInServices(database, users));
  }

  checkpoint(): Promise<Checkpoint> {
    return readCheckpoint(this.#database);
  }

  service(serviceSid: string): Promise<ServiceRow | null> {
    return liveService(this.#database, serviceSid);
  }

  services(page: PageRequest, only: readonly string[] | null = null): Promise<Page<ServiceRow>> {
    const query = {
      select: `SELECT * FROM ${SERVICES}`,
      where: ['NOT deleted', ...(only === null ? [] : ['sid = ANY ($1::text[])'])],
      values: only === null ? [] : [only],
      orderBy: 'created_position',
    };
    return readPage(this.#database, query, page, toService);
  }

  user(serviceSid: string, userSid: string): Promise<UserInService | null> {
    return this.#readUser({ serviceSid, userSid });
  }

  usersBySid(serviceSid: string, userSids: readonly string[]): Promise<ResolvedUsers | null> {
    return this.#read(async (queries) => {
      const service = await liveService(queries, serviceSid);
      if (service === null) return null;
      const rows = await queries.query(
        `SELECT ${COLUMNS_WITHOUT_PROFILE.join(', ')} FROM ${USERS}
         WHERE sid = ANY ($1::text[]) AND service_sid = $2`,
        [userSids, serviceSid],
      );
      return { service, users: rows.map(toUserWithoutProfile) };
    });
  }

  async profilesBySid(
    serviceSid: string,
    userSids: readonly string[],
  ): Promise<readonly UserProfile[]> {
    const rows = await this.#database.query(
      `SELECT u.sid, u.friendly_name, u.attributes, u.changed_position
       FROM ${USERS} u JOIN ${SERVICES} s ON s.sid = u.service_sid
       WHERE u.sid = ANY ($1::text[]) AND u.service_sid = $2 AND NOT s.deleted`,
      [userSids, serviceSid],
    );
    return rows.map(toUserProfile);
  }

  users(
    serviceSid: string,
    page: PageRequest,
    selection: UserSelection = {},
  ): Promise<UsersOfService | null> {
    return this.#database.transaction(
      'snapshot',
      async (queries) => {
        const service = await liveService(queries, serviceSid);
        if (service === null) return null;
        const conditions = userConditions(selection, service);
        if (conditions === null) return { service, page: NO_USERS };
        const { order = BY_CREATION } = selection;
        const reading = readUserList(USERS_TABLE, { serviceSid, conditions, order, page });
        let next = reading.next();
        while (next.done !== true) {
          const { text: statement, values } = next.value;
          next = reading.next(await queries.query(statement, values));
        }
        return { service, page: next.value };
      },
      BY_INDEX,
    );
  }

  connections(
    serviceSid: string,
    userSid: string,
    page: PageRequest,
  ): Promise<Page<ConnectionOfUser> | null> {
    return this.#read(async (queries) => {
      if ((await userInService(queries, serviceSid, userSid)) === null) return null;
      const query = {
        select: `SELECT * FROM ${CONNECTIONS}`,
        where: ['user_sid = $1', 'counted'],
        values: [userSid],
        orderBy: 'opened_position',
      };
      return readPage(queries, query, page, toConnectionOfUser);
    });
  }

  async connection(serviceSid: string, connectionSid: string): Promise<ConnectionOfUser | null> {
    const [row] = await this.#database.query(
      `SELECT c.* FROM ${CONNECTIONS} c JOIN ${SERVICES} s ON s.sid = c.service_sid
       WHERE c.sid = $1 AND c.service_sid = $2 AND c.counted AND NOT s.deleted`,
      [connectionSid, serviceSid],
    );
    return row === undefined ? null : toConnectionOfUser(row);
  }

  bindings(
    serviceSid: string,
    { userSid, types = [], identities = [] }: BindingFilter,
    page: PageRequest,
  ): Promise<Page<BindingOfUser> | null> {
    return this.#read(async (queries) => {
      if ((await liveService(queries, serviceSid)) === null) return null;
      if (userSid !== undefined && (await userInService(queries, serviceSid, userSid)) === null) {
        return null;
      }
      const where = ['b.service_sid = $1'];
      const values: Parameter[] = [serviceSid];
      const filter = (condition: (mark: string) => string, value: Parameter): void => {
        values.push(value);
        where.push(condition(`$${values.length}`));
      };
      if (userSid !== undefined) filter((mark) => `b.user_sid = ${mark}`, userSid);
      if (types.length > 0) filter((mark) => `b.binding_type = ANY (${mark}::text[])`, types);
      if (identities.length > 0) {
        filter((mark) => `u.identity = ANY (${mark}::text[])`, identities);
      }
      const select = `SELECT b.*, u.identity FROM ${BINDINGS} b JOIN ${USERS} u ON u.sid = b.user_sid`;
      const query = { select, where, values, orderBy: 'b.created_position' };
      return readPage(queries, query, page, toBindingOfUser);
    });
  }

  async binding(serviceSid: string, bindingSid: string): Promise<BindingOfUser | null> {
    const [row] = await this.#database.query(
      `SELECT b.*, u.identity FROM ${BINDINGS} b JOIN ${USERS} u ON u.sid = b.user_sid
       JOIN ${SERVICES} s ON s.sid = b.service_sid
       WHERE b.sid = $1 AND b.service_sid = $2 AND NOT s.deleted`,
      [bindingSid, serviceSid],
    );
    return row === undefined ? null : toBindingOfUser(row);
  }

  async orphanedConnections(
    { nodeId, incarnation }: Incarnation,
    after: NodeConnectionCursor | null,
    limit: number,
  ): Promise<NodeConnection[]> {
    const rows = await this.#database.query(
      `SELECT * FROM ${CONNECTIONS}
       WHERE node_id = $1 AND incarnation <= $2 AND (incarnation, user_sid, sid) > ($3, $4, $5)
       ORDER BY incarnation, user_sid, sid LIMIT $6`,
      [
        nodeId,
        incarnation,
        after?.node.incarnation ?? 0,
        after?.userSid ?? '',
        after?.sid ?? '',
        limit,
      ],
    );
    return rows.map(toNodeConnection);
  }

  async httpConnections(afterSid: string, limit: number): Promise<ConnectionOfUser[]> {
    const rows = await this.#database.query(
      `SELECT * FROM ${CONNECTIONS} WHERE node_id IS NULL AND sid > $1 ORDER BY sid LIMIT $2`,
      [afterSid, limit],
    );
    return rows.map(toConnectionOfUser);
  }

  async usersOfDeletedServices(limit: number): Promise<Pick<UserSummary, 'sid' | 'serviceSid'>[]> {
    const rows = await this.#database.query(
      `SELECT u.sid, u.service_sid FROM ${SERVICES} s JOIN ${USERS} u ON u.service_sid = s.sid
       WHERE s.deleted LIMIT $1`,
      [limit],
    );
    return rows.map((row) => ({ sid: text(row, 'sid'), serviceSid: text(row, 'service_sid') }));
  }

  apiKeys(page: PageRequest): Promise<Page<ApiKeyRow>> {
    const query = {
      select: `SELECT * FROM ${API_KEYS}`,
      where: ['NOT revoked'],
      values: [],
      orderBy: 'created_position',
    };
    return readPage(this.#database, query, page, toApiKey);
  }

  async apiKey(keySid: string): Promise<ApiKeyRow | null> {
    const [row] = await this.#database.query(
      `SELECT * FROM ${API_KEYS} WHERE sid = $1 AND NOT revoked`,
      [keySid],
    );
    return row === undefined ? null : toApiKey(row);
  }

  everyApiKey(): Promise<{
    readonly checkpoint: Checkpoint;
    readonly keys: readonly ApiKeyRow[];
  }> {
    return this.#read(async (queries) => {
      const rows = await queries.query(`SELECT * FROM ${API_KEYS} ORDER BY created_position`);
      return { checkpoint: await readCheckpoint(queries), keys: rows.map(toApiKey) };
    });
  }

  nodes(): Promise<{ readonly checkpoint: Checkpoint; readonly nodes: readonly NodeRow[] }> {
    return this.#read(async (queries) => {
      const rows = await queries.query(`SELECT * FROM ${NODES}`);
      return { checkpoint: await readCheckpoint(queries), nodes: rows.map(toNode) };
    });
  }

  loadStates(
    keys: readonly string[],
  ): Promise<{ readonly checkpoint: Checkpoint; readonly states: Map<string, UsersState> }> {
    return this.#read(async (queries) => ({
      checkpoint: await readCheckpoint(queries),
      states: await usersTables.load(queries, LIVE_SCHEMA, keys),
    }));
  }

  #read<Result>(work: (queries: Queries) => Promise<Result>): Promise<Result> {
    return this.#database.transaction('snapshot', work);
  }
}

async function readCheckpoint(queries: Queries): Promise<Checkpoint> {
  const [row] = await queries.query(`SELECT * FROM ${CHECKPOINT}`);
  return toCheckpoint(row);
}

async function liveService(queries: Queries, sid: string): Promise<ServiceRow | null> {
  const [row] = await queries.query(`SELECT * FROM ${SERVICES} WHERE sid = $1 AND NOT deleted`, [
    sid,
  ]);
  return row === undefined ? null : toService(row);
}

async function userInService(
  queries: Queries,
  serviceSid: string,
  userSid: string,
): Promise<UserInService | null> {
  const [found = null] = await usersInServices(queries, [{ serviceSid, userSid }]);
  return found;
}

/** Returns each of some Users with its Service, in the same order; null where there is none in that Service. */
async function usersInServices(
  queries: Queries,
  wanted: readonly UserKey[],
): Promise<(UserInService | null)[]> {
  const rows = await queries.query(
    `SELECT ${USER_COLUMNS.join(', ')}, ${SERVICE_COLUMNS.join(', ')}
     FROM ${USERS} u JOIN ${SERVICES} s ON s.sid = u.service_sid
     WHERE u.sid = ANY ($1::text[]) AND NOT s.deleted`,
    [wanted.map(({ userSid }) => userSid)],
  );
  const found = new Map(rows.map((row) => [text(row, 'sid'), row]));
  return wanted.map(({ serviceSid, userSid }) => {
    const row = found.get(userSid);
    if (row === undefined || text(row, 'service_sid') !== serviceSid) return null;
    return { user: toUserSummary(row), service: toService(row, 'service_') };
  });
}
