import type { DatabaseSync } from 'node:sqlite';
import type { Changes } from '#projections';
import { integer } from '#projections/adapters/columns';
import type { SqliteTables } from '#projections/adapters/sqlite/version-file';
import { countOpen } from '../../users/evolve-user.ts';
import type {
  ApiKeyRow,
  NodeRow,
  ServiceRow,
  UserRow,
  UsersState,
} from '../../users/users-state.ts';
import { toApiKey } from '../api-key-codec.ts';
import { toBinding, toConnection, toNode, toService, toUserColumns } from '../row-codecs.ts';
import { API_KEYS_SCHEMA } from './schema.ts';

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
      putUser: upsert('users', 17),
      putConnection: upsert('connections', 11),
      putBinding: upsert('bindings', 9),
      dropUser: db.prepare(`DELETE FROM users WHERE sid = ?`),
      dropConnections: db.prepare(`DELETE FROM connections WHERE user_sid = ?`),
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
    for (const [key, state] of changes) {
      if (state === null) this.#remove(keyOf(key));
      else if (state.kind === 'user') this.#saveUser(state);
      else if (state.kind === 'service') this.#saveService(state);
      else if (state.kind === 'key') this.#saveKey(state);
      else this.#saveNode(state);
    }
  }

  #load(key: string): UsersState | null {
    const s = this.#statements;
    const { category, id } = keyOf(key);
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

  #remove({ category, id }: Key): void {
    if (category !== 'user') throw new Error(`A ${category} is never removed`);
    this.#statements.dropUser.run(id);
    this.#statements.dropConnections.run(id);
    this.#statements.dropBindings.run(id);
  }

  #saveUser(user: UserRow): void {
    const s = this.#statements;
    const { sid, serviceSid, connections, bindings } = user;
    s.putUser.run(
      sid,
      serviceSid,
      user.identity,
      user.friendlyName,
      user.attributes,
      user.roleSid,
      user.createdAt,
      user.createdPosition,
      user.updatedAt,
      user.changedPosition,
      user.lastConnectPosition,
      user.answeredSince,
      user.onlineChangedAt,
      user.lastOnlineAt,
      countOpen(connections),
      connections.length,
      bindings.length,
    );
    s.dropConnections.run(sid);
    s.dropBindings.run(sid);
    this.#saveConnections(user);
    this.#saveBindings(user);
  }

  #saveConnections({ sid, serviceSid, connections }: UserRow): void {
    for (const c of connections) {
      this.#statements.putConnection.run(
        c.sid,
        sid,
        serviceSid,
        c.transport,
        c.node?.nodeId ?? null,
        c.node?.incarnation ?? null,
        c.deviceId,
        c.ttlSeconds,
        c.openedAt,
        c.openedPosition,
        Number(c.counted),
      );
    }
  }

  #saveBindings({ sid, serviceSid, bindings }: UserRow): void {
    for (const b of bindings) {
      this.#statements.putBinding.run(
        b.sid,
        sid,
        serviceSid,
        b.bindingType,
        b.address,
        b.endpoint,
        b.createdAt,
        b.createdPosition,
        b.updatedAt,
      );
    }
  }

  #saveService(service: ServiceRow): void {
    this.#statements.putService.run(
      service.sid,
      JSON.stringify(service.settings),
      Number(service.reachabilityEnabled),
      service.flagPosition,
      service.flagChangedAt,
      service.createdAt,
      service.createdPosition,
      service.updatedAt,
      Number(service.deleted),
    );
  }

  #saveKey(key: ApiKeyRow): void {
    this.#statements.putKey.run(
      key.sid,
      key.friendlyName,
      JSON.stringify(key.scopes),
      key.services === null ? null : JSON.stringify(key.services),
      key.expiresAt,
      key.secretId,
      key.previousSecret?.secretId ?? null,
      key.previousSecret?.validUntil ?? null,
      key.createdAt,
      key.createdPosition,
      key.updatedAt,
      Number(key.revoked),
    );
  }

  #saveNode({ nodeId, incarnation, running }: NodeRow): void {
    this.#statements.putNode.run(nodeId, incarnation, Number(running));
  }
}

interface Key {
  readonly category: 'service' | 'user' | 'node' | 'key';
  readonly id: string;
}

function keyOf(key: string): Key {
  const dash = key.indexOf('-');
  const category = key.slice(0, dash);
  switch (category) {
    case 'service':
    case 'user':
    case 'node':
    case 'key':
      return { category, id: key.slice(dash + 1) };
    default:
      throw new Error(`No table holds ${key}`);
  }
}
