import type { Changes } from '#projections';
import { text, type SqlRow } from '#projections/adapters/columns';
import type { PostgresTables } from '#projections/adapters/postgres/version-schema';
import type { Queries } from '#postgres';
import type {
  ApiKeyRow,
  NodeRow,
  ServiceRow,
  UserRow,
  UsersState,
} from '../../../users/users-state.ts';
import { toApiKey } from '../../api-key-codec.ts';
import { toBinding, toConnection, toNode, toService, toUserColumns } from '../../row-codecs.ts';
import { parseUsersKey, type UsersKey } from '../../users-key.ts';
import {
  apiKeyValues,
  bindingValues,
  connectionValues,
  nodeValues,
  serviceValues,
  userValues,
} from '../../users-values.ts';
import { UPSERTS } from './users-columns.ts';

/** Maps the states of the `users` projection to rows of a version. A key is a stream, such as `user-US...`. */
export const usersTables: PostgresTables<UsersState> = {
  load: async (queries, schema, keys) => {
    const ids = idsByCategory(keys);
    const states = [
      ...(await loadAll(queries, `${schema}.services`, 'sid', ids.service, toService)),
      ...(await loadAll(queries, `${schema}.nodes`, 'node_id', ids.node, toNode)),
      ...(await loadAll(queries, `${schema}.api_keys`, 'sid', ids.key, toApiKey)),
      ...(await loadUsers(queries, schema, ids.user)),
    ];
    return new Map(states.map((state) => [keyOf(state), state]));
  },
  save: async (queries, schema, changes) => {
    const { services, nodes, keys, users, removedUsers } = byKind(changes);
    await UPSERTS.services.write(queries, `${schema}.services`, services.map(serviceValues));
    await UPSERTS.nodes.write(queries, `${schema}.nodes`, nodes.map(nodeValues));
    await UPSERTS.apiKeys.write(queries, `${schema}.api_keys`, keys.map(apiKeyValues));
    await UPSERTS.users.write(queries, `${schema}.users`, users.map(userValues));
    if (removedUsers.length > 0) {
      await queries.write(`DELETE FROM ${schema}.users WHERE sid = ANY ($1::text[])`, [
        removedUsers,
      ]);
    }
    const connections = users.flatMap((user) =>
      user.connections.map((connection) => connectionValues(user, connection)),
    );
    const bindings = users.flatMap((user) =>
      user.bindings.map((binding) => bindingValues(user, binding)),
    );
    const owners = [...users.map(({ sid }) => sid), ...removedUsers];
    await keepOnly(queries, `${schema}.connections`, owners, connections.map(first));
    await keepOnly(queries, `${schema}.bindings`, owners, bindings.map(first));
    await UPSERTS.connections.write(queries, `${schema}.connections`, connections);
    await UPSERTS.bindings.write(queries, `${schema}.bindings`, bindings);
  },
};

async function loadAll<Loaded>(
  queries: Queries,
  table: string,
  column: string,
  ids: readonly string[],
  decode: (row: SqlRow) => Loaded,
): Promise<Loaded[]> {
  if (ids.length === 0) return [];
  const rows = await queries.query(`SELECT * FROM ${table} WHERE ${column} = ANY ($1::text[])`, [
    ids,
  ]);
  return rows.map((row) => decode(row));
}

async function loadUsers(
  queries: Queries,
  schema: string,
  sids: readonly string[],
): Promise<UserRow[]> {
  if (sids.length === 0) return [];
  const users = await queries.query(`SELECT * FROM ${schema}.users WHERE sid = ANY ($1::text[])`, [
    sids,
  ]);
  const connections = await queries.query(
    `SELECT * FROM ${schema}.connections WHERE user_sid = ANY ($1::text[])
     ORDER BY user_sid, opened_position`,
    [sids],
  );
  const bindings = await queries.query(
    `SELECT * FROM ${schema}.bindings WHERE user_sid = ANY ($1::text[])
     ORDER BY user_sid, created_position`,
    [sids],
  );
  const connectionsByUser = Map.groupBy(connections, (row) => text(row, 'user_sid'));
  const bindingsByUser = Map.groupBy(bindings, (row) => text(row, 'user_sid'));
  return users.map((row) => {
    const user = toUserColumns(row);
    return {
      kind: 'user',
      ...user,
      connections: (connectionsByUser.get(user.sid) ?? []).map(toConnection),
      bindings: (bindingsByUser.get(user.sid) ?? []).map(toBinding),
    };
  });
}

/** Deletes the rows of Users that these no longer have. */
async function keepOnly(
  queries: Queries,
  table: string,
  userSids: readonly string[],
  sids: readonly string[],
): Promise<void> {
  if (userSids.length === 0) return;
  await queries.write(
    `DELETE FROM ${table} WHERE user_sid = ANY ($1::text[])
     AND NOT EXISTS (SELECT 1 FROM unnest($2::text[]) AS kept (sid) WHERE kept.sid = ${table}.sid)`,
    [userSids, sids],
  );
}

/** A child's sid is its first column. */
function first(values: readonly [string, ...unknown[]]): string {
  return values[0];
}

function byKind(changes: Changes<UsersState>) {
  const services: ServiceRow[] = [];
  const nodes: NodeRow[] = [];
  const keys: ApiKeyRow[] = [];
  const users: UserRow[] = [];
  const removedUsers: string[] = [];
  for (const [key, state] of changes) {
    if (state === null) {
      const { category, id } = parseUsersKey(key);
      if (category !== 'user') throw new Error(`A ${category} is never removed`);
      removedUsers.push(id);
    } else if (state.kind === 'user') users.push(state);
    else if (state.kind === 'service') services.push(state);
    else if (state.kind === 'key') keys.push(state);
    else nodes.push(state);
  }
  return { services, nodes, keys, users, removedUsers };
}

function idsByCategory(
  keys: readonly string[],
): Readonly<Record<UsersKey['category'], readonly string[]>> {
  const ids: Record<UsersKey['category'], string[]> = { service: [], user: [], node: [], key: [] };
  for (const key of keys) {
    const { category, id } = parseUsersKey(key);
    ids[category].push(id);
  }
  return ids;
}

function keyOf(state: UsersState): string {
  return `${state.kind}-${state.kind === 'node' ? state.nodeId : state.sid}`;
}
