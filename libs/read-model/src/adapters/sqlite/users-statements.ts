import type { DatabaseSync } from 'node:sqlite';
import type { UserInService, UserKey } from '../../users/users-read-model.ts';
import type { ServiceRow } from '../../users/users-state.ts';
import {
  COLUMNS_WITHOUT_PROFILE,
  SUMMARY_COLUMNS,
  toService,
  toUserSummary,
} from '../row-codecs.ts';
import { CurrentUsers } from './current-users.ts';
import { UsersTables } from './users-tables.ts';

/** Prepared statements of one version of the `users` projection, and look-ups shared by many reads. */
export class UsersStatements {
  readonly db: DatabaseSync;
  readonly tables: UsersTables;
  readonly selectBindings: string;
  readonly connection;
  readonly binding;
  readonly usersBySid;
  readonly profilesBySid;
  readonly orphanedConnections;
  readonly httpConnections;
  readonly usersOfDeletedServices;
  readonly nodes;
  readonly apiKey;
  readonly everyApiKey;
  readonly #service;
  readonly #userInService;
  readonly #current = new CurrentUsers();

  constructor(db: DatabaseSync) {
    this.db = db;
    this.tables = new UsersTables(db);
    this.selectBindings = `SELECT b.*, u.identity FROM bindings b JOIN users u ON u.sid = b.user_sid`;
    this.#service = db.prepare(`SELECT * FROM services WHERE sid = ? AND deleted = 0`);
    const serviceColumns = [
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
    this.#userInService = db.prepare(
      `SELECT ${SUMMARY_COLUMNS.map((column) => `u.${column}`).join(', ')}, ${serviceColumns.join(', ')} FROM users u JOIN services s ON s.sid = u.service_sid
       WHERE u.sid = ? AND u.service_sid = ? AND s.deleted = 0`,
    );
    this.connection = db.prepare(
      `SELECT * FROM connections WHERE sid = ? AND service_sid = ? AND counted = 1`,
    );
    this.binding = db.prepare(`${this.selectBindings} WHERE b.sid = ? AND b.service_sid = ?`);
    // CROSS JOIN fixes the join order: one look-up per requested User, not a scan of the Service.
    const requested = `FROM json_each(?) requested CROSS JOIN users u
       WHERE u.sid = requested.value AND u.service_sid = ?`;
    const columns = COLUMNS_WITHOUT_PROFILE.map((column) => `u.${column}`);
    this.usersBySid = db.prepare(`SELECT ${columns.join(', ')} ${requested}`);
    this.profilesBySid = db.prepare(
      `SELECT u.sid, u.friendly_name, u.attributes, u.changed_position ${requested}`,
    );
    this.orphanedConnections = db.prepare(
      `SELECT * FROM connections
       WHERE node_id = ? AND incarnation <= ? AND (incarnation, user_sid, sid) > (?, ?, ?)
       ORDER BY incarnation, user_sid, sid LIMIT ?`,
    );
    this.httpConnections = db.prepare(
      `SELECT * FROM connections WHERE node_id IS NULL AND sid > ? ORDER BY sid LIMIT ?`,
    );
    this.nodes = db.prepare(`SELECT * FROM nodes`);
    this.apiKey = db.prepare(`SELECT * FROM api_keys WHERE sid = ? AND revoked = 0`);
    this.everyApiKey = db.prepare(`SELECT * FROM api_keys ORDER BY created_position`);
    // CROSS JOIN: it is asked after every change, and would otherwise scan all Users for their Service.
    this.usersOfDeletedServices = db.prepare(
      `SELECT u.sid, u.service_sid FROM services s CROSS JOIN users u ON u.service_sid = s.sid
       WHERE s.deleted = 1 LIMIT ?`,
    );
  }

  liveService(sid: string): ServiceRow | null {
    const row = this.#service.get(sid);
    return row === undefined ? null : toService(row);
  }

  userInService(serviceSid: string, userSid: string): UserInService | null {
    const row = this.#userInService.get(userSid, serviceSid);
    if (row === undefined) return null;
    return { user: toUserSummary(row), service: toService(row, 'service_') };
  }

  /**
   * Returns each of some Users with its Service, in the same order; null where there is none in that Service.
   *
   * @param revision of the file in the snapshot that is read
   */
  usersInServices(wanted: readonly UserKey[], revision: string): (UserInService | null)[] {
    this.#current.moveTo(revision);
    return wanted.map(({ serviceSid, userSid }) => {
      const known = this.#current.find(userSid);
      if (known?.service.sid === serviceSid) return known;
      const found = this.userInService(serviceSid, userSid);
      if (found !== null) this.#current.add(found);
      return found;
    });
  }
}
