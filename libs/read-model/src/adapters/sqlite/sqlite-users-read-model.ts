import type { DatabaseSync } from 'node:sqlite';
import type { Checkpoint } from '#projections';
import { text, type SqlRow } from '#projections/adapters/sqlite/columns';
import type { SqliteVersions } from '#projections/adapters/sqlite/sqlite-versions';
import type { VersionFile } from '#projections/adapters/sqlite/version-file';
import type { UserSummary } from '../../users/user-summary.ts';
import type {
  BindingFilter,
  BindingOfUser,
  ConnectionOfUser,
  Page,
  PageRequest,
  SomeUsers,
  UserInService,
  UsersOfService,
  UsersReadModel,
} from '../../users/users-read-model.ts';
import type { NodeRow, ServiceRow, UsersState } from '../../users/users-state.ts';
import { readPage } from './paging.ts';
import { toBinding, toConnection, toNode, toService, toUserSummary } from './row-codecs.ts';
import { UsersTables } from './users-tables.ts';

/** Reads of the `users` projection in SQLite, always from the version that is live at the moment of the read. */
export class SqliteUsersReadModel implements UsersReadModel {
  readonly #versions: SqliteVersions<UsersState>;
  readonly #statements = new WeakMap<VersionFile<UsersState>, Statements>();

  constructor(versions: SqliteVersions<UsersState>) {
    this.#versions = versions;
  }

  checkpoint(): Promise<Checkpoint> {
    return this.#read((_, file) => file.checkpoint());
  }

  service(serviceSid: string): Promise<ServiceRow | null> {
    return this.#readOne((s) => s.liveService(serviceSid));
  }

  services(page: PageRequest): Promise<Page<ServiceRow>> {
    return this.#read(({ db }) =>
      readPage(
        db,
        {
          select: `SELECT * FROM services`,
          where: ['deleted = 0'],
          values: [],
          orderBy: 'created_position',
        },
        page,
        (row) => toService(row),
      ),
    );
  }

  user(serviceSid: string, userSid: string): Promise<UserInService | null> {
    return this.#readOne((s) => s.userInService(serviceSid, userSid));
  }

  usersBySid(serviceSid: string, userSids: readonly string[]): Promise<SomeUsers | null> {
    return this.#read((s) => {
      const service = s.liveService(serviceSid);
      if (service === null) return null;
      const users = s.usersBySid.all(JSON.stringify(userSids), serviceSid).map(toUserSummary);
      return { service, users };
    });
  }

  users(serviceSid: string, page: PageRequest): Promise<UsersOfService | null> {
    return this.#read((s) => {
      const service = s.liveService(serviceSid);
      if (service === null) return null;
      const query = {
        select: `SELECT * FROM users`,
        where: ['service_sid = ?'],
        values: [serviceSid],
        orderBy: 'created_position',
      };
      return { service, page: readPage(s.db, query, page, toUserSummary) };
    });
  }

  connections(
    serviceSid: string,
    userSid: string,
    page: PageRequest,
  ): Promise<Page<ConnectionOfUser> | null> {
    return this.#read((s) => {
      if (s.userInService(serviceSid, userSid) === null) return null;
      return readPage(
        s.db,
        {
          select: `SELECT * FROM connections`,
          where: ['user_sid = ?', 'counted = 1'],
          values: [userSid],
          orderBy: 'opened_position',
        },
        page,
        toConnectionOfUser,
      );
    });
  }

  connection(serviceSid: string, connectionSid: string): Promise<ConnectionOfUser | null> {
    return this.#read((s) => {
      const row = s.connection.get(connectionSid, serviceSid);
      if (row === undefined || s.liveService(serviceSid) === null) return null;
      return toConnectionOfUser(row);
    });
  }

  bindings(
    serviceSid: string,
    { userSid, types = [], identities = [] }: BindingFilter,
    page: PageRequest,
  ): Promise<Page<BindingOfUser> | null> {
    return this.#read((s) => {
      if (s.liveService(serviceSid) === null) return null;
      if (userSid !== undefined && s.userInService(serviceSid, userSid) === null) return null;
      const where = ['b.service_sid = ?'];
      const marks = (values: readonly string[]): string => values.map(() => '?').join(', ');
      if (userSid !== undefined) where.push('b.user_sid = ?');
      if (types.length > 0) where.push(`b.binding_type IN (${marks(types)})`);
      if (identities.length > 0) where.push(`u.identity IN (${marks(identities)})`);
      const values = [
        serviceSid,
        ...(userSid === undefined ? [] : [userSid]),
        ...types,
        ...identities,
      ];
      return readPage(
        s.db,
        { select: s.selectBindings, where, values, orderBy: 'b.created_position' },
        page,
        toBindingOfUser,
      );
    });
  }

  binding(serviceSid: string, bindingSid: string): Promise<BindingOfUser | null> {
    return this.#read((s) => {
      const row = s.binding.get(bindingSid, serviceSid);
      if (row === undefined || s.liveService(serviceSid) === null) return null;
      return toBindingOfUser(row);
    });
  }

  orphanedConnections(limit: number): Promise<ConnectionOfUser[]> {
    return this.#read((s) => s.orphans.all(limit).map(toConnectionOfUser));
  }

  httpConnections(afterSid: string, limit: number): Promise<ConnectionOfUser[]> {
    return this.#read((s) => s.nodeless.all(afterSid, limit).map(toConnectionOfUser));
  }

  usersOfDeletedServices(limit: number): Promise<Pick<UserSummary, 'sid' | 'serviceSid'>[]> {
    return this.#read((s) =>
      s.leftOver
        .all(limit)
        .map((row) => ({ sid: text(row, 'sid'), serviceSid: text(row, 'service_sid') })),
    );
  }

  nodes(): Promise<{ readonly checkpoint: Checkpoint; readonly nodes: readonly NodeRow[] }> {
    return this.#read((s, file) => ({
      checkpoint: file.checkpoint(),
      nodes: s.nodes.all().map((row) => toNode(row)),
    }));
  }

  seed(
    keys: readonly string[],
  ): Promise<{ readonly checkpoint: Checkpoint; readonly states: Map<string, UsersState> }> {
    return this.#read((s, file) => ({
      checkpoint: file.checkpoint(),
      states: s.tables.load(keys),
    }));
  }

  /** Reads one moment of the version that is live now. */
  async #read<T>(body: (statements: Statements, file: VersionFile<UsersState>) => T): Promise<T> {
    const file = this.#versions.liveFile();
    const statements = this.#statementsOf(file);
    return file.read(() => body(statements, file));
  }

  /** For a body of one statement, which sees one moment without a transaction around it. */
  async #readOne<T>(body: (statements: Statements) => T): Promise<T> {
    return body(this.#statementsOf(this.#versions.liveFile()));
  }

  #statementsOf(file: VersionFile<UsersState>): Statements {
    let statements = this.#statements.get(file);
    if (statements === undefined) {
      statements = new Statements(file.db);
      this.#statements.set(file, statements);
    }
    return statements;
  }
}

/** What reads of one version use again and again. */
class Statements {
  readonly db: DatabaseSync;
  readonly tables: UsersTables;
  readonly selectBindings: string;
  readonly connection;
  readonly binding;
  readonly usersBySid;
  readonly orphans;
  readonly nodeless;
  readonly leftOver;
  readonly nodes;
  readonly #service;
  readonly #userInService;

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
      `SELECT u.*, ${serviceColumns.join(', ')} FROM users u JOIN services s ON s.sid = u.service_sid
       WHERE u.sid = ? AND u.service_sid = ? AND s.deleted = 0`,
    );
    this.connection = db.prepare(
      `SELECT * FROM connections WHERE sid = ? AND service_sid = ? AND counted = 1`,
    );
    this.binding = db.prepare(`${this.selectBindings} WHERE b.sid = ? AND b.service_sid = ?`);
    // CROSS JOIN: nodes are few, so they lead; left to itself SQLite reads every open Connection.
    // A cross join is carried out as written: one look-up for each that is asked for, not a scan of the Service.
    this.usersBySid = db.prepare(
      `SELECT u.* FROM json_each(?) asked CROSS JOIN users u
       WHERE u.sid = asked.value AND u.service_sid = ?`,
    );
    this.orphans = db.prepare(
      `SELECT c.* FROM nodes n CROSS JOIN connections c ON c.node_id = n.node_id
       AND c.incarnation <= n.incarnation - n.running LIMIT ?`,
    );
    this.nodeless = db.prepare(
      `SELECT * FROM connections WHERE node_id IS NULL AND incarnation IS NULL AND sid > ? ORDER BY sid LIMIT ?`,
    );
    this.nodes = db.prepare(`SELECT * FROM nodes`);
    this.leftOver = db.prepare(
      `SELECT u.sid, u.service_sid FROM services s JOIN users u ON u.service_sid = s.sid
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
}

function toConnectionOfUser(row: SqlRow): ConnectionOfUser {
  return {
    ...toConnection(row),
    userSid: text(row, 'user_sid'),
    serviceSid: text(row, 'service_sid'),
  };
}

function toBindingOfUser(row: SqlRow): BindingOfUser {
  return {
    ...toBinding(row),
    userSid: text(row, 'user_sid'),
    identity: text(row, 'identity'),
  };
}
