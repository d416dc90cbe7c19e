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
import { ChildChanges } from './child-changes.ts';
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
    const { services, nodes, keys, users, removedUsers, connections, bindings } = byKind(changes);
    await UPSERTS.services.write(queries, `${schema}.services`, services.map(serviceValues));
    await UPSERTS.nodes.write(queries, `${schema}.nodes`, nodes.map(nodeValues));
    await UPSERTS.apiKeys.write(queries, `${schema}.api_keys`, keys.map(apiKeyValues));
    await UPSERTS.users.write(queries, `${schema}.users`, users.map(userValues));
    if (removedUsers.length > 0) {
      await queries.write(`DELETE FROM ${schema}.users WHERE sid = ANY ($1::text[])`, [
        removedUsers,
      ]);
    }
    await connections.removeFrom(queries, `${schema}.connections`);
    await bindings.removeFrom(queries, `${schema}.bindings`);
    await UPSERTS.connections.write(queries, `${schema}.connections`, connections.rows);
    await UPSERTS.bindings.write(queries, `${schema}.bindings`, bindings.rows);
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

function byKind(changes: Changes<UsersState>) {
  const services: ServiceRow[] = [];
  const nodes: NodeRow[] = [];
  const keys: ApiKeyRow[] = [];
  const users: UserRow[] = [];
  const removedUsers: string[] = [];
  const connections = new ChildChanges(connectionValues);
  const bindings = new ChildChanges(bindingValues);
  for (const [key, state, before] of changes) {
    const known = before?.kind === 'user' ? before : null;
    const isKnown = before !== undefined;
    if (state === null) {
      const { category, id } = parseUsersKey(key);
      if (category !== 'user') throw new Error(`A ${category} is never removed`);
      removedUsers.push(id);
      connections.removeAll(id);
      bindings.removeAll(id);
    } else if (state.kind === 'user') {
      users.push(state);
      connections.replace(state, state.connections, isKnown ? (known?.connections ?? []) : null);
      bindings.replace(state, state.bindings, isKnown ? (known?.bindings ?? []) : null);
    } else if (state.kind === 'service') services.push(state);
    else if (state.kind === 'key') keys.push(state);
    else nodes.push(state);
  }
  return { services, nodes, keys, users, removedUsers, connections, bindings };
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
