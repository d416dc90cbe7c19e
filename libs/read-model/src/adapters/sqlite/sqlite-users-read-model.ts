import type { Incarnation } from '#domain';
import { batchedReads } from '#event-store/batched-reads';
import type { Checkpoint } from '#projections';
import { text } from '#projections/adapters/columns';
import type { SqliteVersions } from '#projections/adapters/sqlite/sqlite-versions';
import type { VersionFile } from '#projections/adapters/sqlite/version-file';
import { BY_CREATION, userConditions, type UserSelection } from '../../users/user-selection.ts';
import type { UserProfile, UserSummary } from '../../users/user-summary.ts';
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
} from '../../users/users-read-model.ts';
import type { ApiKeyRow, NodeRow, ServiceRow, UsersState } from '../../users/users-state.ts';
import { toApiKey } from '../api-key-codec.ts';
import { NO_USERS, readUserList } from '../user-list/read-user-list.ts';
import { readPage } from './paging.ts';
import {
  toBindingOfUser,
  toConnectionOfUser,
  toNodeConnection,
  toNode,
  toService,
  toUserProfile,
  toUserWithoutProfile,
} from '../row-codecs.ts';
import { UsersStatements } from './users-statements.ts';

export const USERS_TABLE = { name: 'users', mark: (n: number) => `?${n}` };

/** Reads of the `users` projection in SQLite, each from the current live version. */
export class SqliteUsersReadModel implements UsersReadModel {
  readonly #versions: SqliteVersions<UsersState>;
  readonly #statements = new WeakMap<VersionFile<UsersState>, UsersStatements>();
  readonly #readUser;

  constructor(versions: SqliteVersions<UsersState>) {
    this.#versions = versions;
    this.#readUser = batchedReads((wanted: readonly UserKey[]) => this.#readUsers(wanted));
  }

  checkpoint(): Promise<Checkpoint> {
    return this.#read((_, file) => file.checkpoint());
  }

  service(serviceSid: string): Promise<ServiceRow | null> {
    return this.#readOne((s) => s.liveService(serviceSid));
  }

  services(page: PageRequest, only: readonly string[] | null = null): Promise<Page<ServiceRow>> {
    const listed = only === null ? [] : ['sid IN (SELECT value FROM json_each(?))'];
    return this.#read(({ db }) =>
      readPage(
        db,
        {
          select: `SELECT * FROM services`,
          where: ['deleted = 0', ...listed],
          values: only === null ? [] : [JSON.stringify(only)],
          orderBy: 'created_position',
        },
        page,
        (row) => toService(row),
      ),
    );
  }

  user(serviceSid: string, userSid: string): Promise<UserInService | null> {
    return this.#readUser({ serviceSid, userSid });
  }

  usersBySid(serviceSid: string, userSids: readonly string[]): Promise<ResolvedUsers | null> {
    return this.#read((s) => {
      const service = s.liveService(serviceSid);
      if (service === null) return null;
      const users = s.usersBySid
        .all(JSON.stringify(userSids), serviceSid)
        .map(toUserWithoutProfile);
      return { service, users };
    });
  }

  profilesBySid(serviceSid: string, userSids: readonly string[]): Promise<readonly UserProfile[]> {
    return this.#read((s) =>
      s.liveService(serviceSid) === null
        ? []
        : s.profilesBySid.all(JSON.stringify(userSids), serviceSid).map(toUserProfile),
    );
  }

  users(
    serviceSid: string,
    page: PageRequest,
    selection: UserSelection = {},
  ): Promise<UsersOfService | null> {
    return this.#read((s) => {
      const service = s.liveService(serviceSid);
      if (service === null) return null;
      const conditions = userConditions(selection, service);
      if (conditions === null) return { service, page: NO_USERS };
      const { order = BY_CREATION } = selection;
      const reading = readUserList(USERS_TABLE, { serviceSid, conditions, order, page });
      let next = reading.next();
      while (next.done !== true) {
        const { text: statement, values } = next.value;
        next = reading.next(s.db.prepare(statement).all(...values));
      }
      return { service, page: next.value };
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

  orphanedConnections(
    { nodeId, incarnation }: Incarnation,
    after: NodeConnectionCursor | null,
    limit: number,
  ): Promise<NodeConnection[]> {
    const from = [after?.node.incarnation ?? 0, after?.userSid ?? '', after?.sid ?? ''];
    return this.#read((s) =>
      s.orphanedConnections.all(nodeId, incarnation, ...from, limit).map(toNodeConnection),
    );
  }

  httpConnections(afterSid: string, limit: number): Promise<ConnectionOfUser[]> {
    return this.#read((s) => s.httpConnections.all(afterSid, limit).map(toConnectionOfUser));
  }

  usersOfDeletedServices(limit: number): Promise<Pick<UserSummary, 'sid' | 'serviceSid'>[]> {
    return this.#read((s) =>
      s.usersOfDeletedServices
        .all(limit)
        .map((row) => ({ sid: text(row, 'sid'), serviceSid: text(row, 'service_sid') })),
    );
  }

  apiKeys(page: PageRequest): Promise<Page<ApiKeyRow>> {
    return this.#read(({ db }) =>
      readPage(
        db,
        {
          select: `SELECT * FROM api_keys`,
          where: ['revoked = 0'],
          values: [],
          orderBy: 'created_position',
        },
        page,
        toApiKey,
      ),
    );
  }

  apiKey(keySid: string): Promise<ApiKeyRow | null> {
    return this.#readOne((s) => {
      const row = s.apiKey.get(keySid);
      return row === undefined ? null : toApiKey(row);
    });
  }

  everyApiKey(): Promise<{
    readonly checkpoint: Checkpoint;
    readonly keys: readonly ApiKeyRow[];
  }> {
    return this.#read((s, file) => ({
      checkpoint: file.checkpoint(),
      keys: s.everyApiKey.all().map(toApiKey),
    }));
  }

  nodes(): Promise<{ readonly checkpoint: Checkpoint; readonly nodes: readonly NodeRow[] }> {
    return this.#read((s, file) => ({
      checkpoint: file.checkpoint(),
      nodes: s.nodes.all().map((row) => toNode(row)),
    }));
  }

  loadStates(
    keys: readonly string[],
  ): Promise<{ readonly checkpoint: Checkpoint; readonly states: Map<string, UsersState> }> {
    return this.#read((s, file) => ({
      checkpoint: file.checkpoint(),
      states: s.tables.load(keys),
    }));
  }

  /** Returns each of some Users with its Service, in the same order; null where there is none in that Service. */
  #readUsers(wanted: readonly UserKey[]): Promise<(UserInService | null)[]> {
    const [only] = wanted;
    // Reads of one turn come alone where the service is not busy: then a transaction would be most of their cost.
    return only !== undefined && wanted.length === 1
      ? this.#readOne((s) => [s.userInService(only.serviceSid, only.userSid)])
      : this.#read((s, file) => s.usersInServices(wanted, file.revision()));
  }

  /** Reads a snapshot of the current live version. */
  async #read<T>(
    body: (statements: UsersStatements, file: VersionFile<UsersState>) => T,
  ): Promise<T> {
    const file = this.#versions.liveFile();
    const statements = this.#statementsOf(file);
    return file.read(() => body(statements, file));
  }

  /** For a body with a single statement, which needs no transaction to read a snapshot. */
  async #readOne<T>(body: (statements: UsersStatements) => T): Promise<T> {
    return body(this.#statementsOf(this.#versions.liveFile()));
  }

  #statementsOf(file: VersionFile<UsersState>): UsersStatements {
    let statements = this.#statements.get(file);
    if (statements === undefined) {
      statements = new UsersStatements(file.db);
      this.#statements.set(file, statements);
    }
    return statements;
  }
}
