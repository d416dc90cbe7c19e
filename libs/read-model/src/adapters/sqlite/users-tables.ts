import type { DatabaseSync } from 'node:sqlite';
import type { Changes } from '#projections';
import { integer } from '#projections/adapters/columns';
import type { SqliteTables } from '#projections/adapters/sqlite/version-file';
import type { UserRow, UsersState } from '../../users/users-state.ts';
import { toApiKey } from '../api-key-codec.ts';
import { toBinding, toConnection, toNode, toService, toUserColumns } from '../row-codecs.ts';
import { parseUsersKey, type UsersKey } from '../users-key.ts';
import {
  apiKeyValues,
  bindingValues,
  changingUserValues,
  connectionValues,
  nodeValues,
  serviceValues,
  userValues,
} from '../users-values.ts';
import { API_KEYS_SCHEMA } from './schema.ts';

/** Columns of the values that {@link changingUserValues} returns. */
const CHANGING_COLUMNS = [
  'friendly_name',
  'attributes',
  'role_sid',
  'created_at',
  'updated_at',
  'changed_position',
  'last_connect_position',
  'answered_since',
  'online_changed_at',
  'last_online_at',
  'open_connections',
  'connections',
  'bindings',
  'answer_flag',
  'answer_state',
];

/** Maps the states of the `users` projection to rows of one version. A key is a stream, such as `user-US...`. */
export class UsersTables implements SqliteTables<UsersState> {
  readonly #statements;

  constructor(db: DatabaseSync) {
    // Older programs made files without this table. They contain no key either.
    db.exec(API_KEYS_SCHEMA);
    const upsert = (table: string, columns: number): ReturnType<DatabaseSync['prepare']> =>
      db.prepare(`INSERT OR REPLACE INTO ${table} VALUES (${Array(columns).fill('?').join(', ')})`);
    this.#statements = {
      service: db.prepare(`SELECT * FROM services WHERE sid = ?`),
      node: db.prepare(`SELECT * FROM nodes WHERE node_id = ?`),
      key: db.prepare(`SELECT * FROM api_keys WHERE sid = ?`),
      user: db.prepare(`SELECT * FROM users WHERE sid = ?`),
      connections: db.prepare(
        `SELECT * FROM connections WHERE user_sid = ? ORDER BY opened_position`,
      ),
      bindings: db.prepare(`SELECT * FROM bindings WHERE user_sid = ? ORDER BY created_position`),
      putService: upsert('services', 9),
      putNode: upsert('nodes', 3),
      putKey: upsert('api_keys', 12),
      putUser: upsert('users', 19),
      updateUser: db.prepare(
        `UPDATE users SET ${CHANGING_COLUMNS.map((column) => `${column} = ?`).join(', ')} WHERE sid = ?`,
      ),
      putConnection: upsert('connections', 11),
      putBinding: upsert('bindings', 9),
      dropUser: db.prepare(`DELETE FROM users WHERE sid = ?`),
      dropConnection: db.prepare(`DELETE FROM connections WHERE user_sid = ? AND sid = ?`),
      dropConnections: db.prepare(`DELETE FROM connections WHERE user_sid = ?`),
      dropBinding: db.prepare(`DELETE FROM bindings WHERE user_sid = ? AND sid = ?`),
      dropBindings: db.prepare(`DELETE FROM bindings WHERE user_sid = ?`),
    };
  }

  load(keys: readonly string[]): Map<string, UsersState> {
    const states = new Map<string, UsersState>();
    for (const key of keys) {
      const state = this.#load(key);
      if (state !== null) states.set(key, state);
    }
    return states;
  }

  save(changes: Changes<UsersState>): void {
    const s = this.#statements;
    for (const [key, state, before] of changes) {
      if (state === null) this.#remove(parseUsersKey(key));
      else if (state.kind === 'user') {
        this.#saveUser(state, before === null || before?.kind === 'user' ? before : undefined);
      } else if (state.kind === 'service') s.putService.run(...serviceValues(state));
      else if (state.kind === 'key') s.putKey.run(...apiKeyValues(state));
      else s.putNode.run(...nodeValues(state));
    }
  }

  #load(key: string): UsersState | null {
    const s = this.#statements;
    const { category, id } = parseUsersKey(key);
    if (category === 'user') return this.#loadUser(id);
    const row = { service: s.service, node: s.node, key: s.key }[category].get(id);
    if (row === undefined) return null;
    if (category === 'key') return toApiKey(row);
    return category === 'service' ? toService(row) : toNode(row);
  }

  #loadUser(sid: string): UserRow | null {
    const row = this.#statements.user.get(sid);
    if (row === undefined) return null;
    const connections =
      integer(row, 'connections') === 0 ? [] : this.#statements.connections.all(sid);
    const bindings = integer(row, 'bindings') === 0 ? [] : this.#statements.bindings.all(sid);
    return {
      kind: 'user',
      ...toUserColumns(row),
      connections: connections.map((connection) => toConnection(connection)),
      bindings: bindings.map((binding) => toBinding(binding)),
    };
  }

  #remove({ category, id }: UsersKey): void {
    if (category !== 'user') throw new Error(`A ${category} is never removed`);
    this.#statements.dropUser.run(id);
    this.#statements.dropConnections.run(id);
    this.#statements.dropBindings.run(id);
  }

  /** @param before what is written so far: null for no row, undefined where that is not known */
  #saveUser(user: UserRow, before: UserRow | null | undefined): void {
    const s = this.#statements;
    // An update leaves indexes alone whose columns it does not set.
    if (before?.createdPosition === user.createdPosition) {
      s.updateUser.run(...changingUserValues(user), user.sid);
    } else s.putUser.run(...userValues(user));
    const written = before === null ? NO_CHILDREN : before;
    replaceChildren(user.connections, written?.connections, {
      put: (connection) => s.putConnection.run(...connectionValues(user, connection)),
      drop: (sid) => s.dropConnection.run(user.sid, sid),
      dropAll: () => s.dropConnections.run(user.sid),
    });
    replaceChildren(user.bindings, written?.bindings, {
      put: (binding) => s.putBinding.run(...bindingValues(user, binding)),
      drop: (sid) => s.dropBinding.run(user.sid, sid),
      dropAll: () => s.dropBindings.run(user.sid),
    });
  }
}

const NO_CHILDREN: Pick<UserRow, 'connections' | 'bindings'> = { connections: [], bindings: [] };

/** Statements for the Connections or the Bindings of one User. */
interface ChildStatements<Child> {
  readonly put: (child: Child) => unknown;
  readonly drop: (sid: string) => unknown;
  readonly dropAll: () => unknown;
}

/**
 * Writes what differs: a statement that changes nothing costs as much as one that does.
 *
 * @param before what is written so far, whose unchanged children are the same objects; undefined where it is not known
 */
function replaceChildren<Child extends { readonly sid: string }>(
  after: readonly Child[],
  before: readonly Child[] | undefined,
  { put, drop, dropAll }: ChildStatements<Child>,
): void {
  if (before === after) return;
  if (before === undefined) dropAll();
  for (const { sid } of before ?? []) {
    if (!after.some((child) => child.sid === sid)) drop(sid);
  }
  for (const child of after) if (before?.includes(child) !== true) put(child);
}
