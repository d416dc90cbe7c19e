import type { BindingType, Incarnation } from '#domain';
import type { Position } from '#event-store';
import type { Checkpoint } from '#projections';
import type { UserSummary } from './user-summary.ts';
import type { BindingRow, ConnectionRow, NodeRow, ServiceRow, UsersState } from './users-state.ts';

/** A place in a list that is ordered by creation: what follows it, or what precedes it. */
export type PageCursor = { readonly after: Position | null } | { readonly before: Position };

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
}

export interface PageRequest {
  readonly cursor: PageCursor;
  readonly size: number;
}

/** A User together with its Service, of one moment. */
export interface UserInService {
  readonly user: UserSummary;
  readonly service: ServiceRow;
}

/** A page of Users together with their Service, of one moment. */
export interface UsersOfService {
  readonly service: ServiceRow;
  readonly page: Page<UserSummary>;
}

/** Some Users of a Service together with it, of one moment. */
export interface ResolvedUsers {
  readonly service: ServiceRow;
  /** Those that exist, in no order. */
  readonly users: readonly UserSummary[];
}

/** A Binding together with whose it is. */
export interface BindingOfUser extends BindingRow {
  readonly userSid: string;
  readonly identity: string;
}

/** An open Connection together with whose it is. */
export interface ConnectionOfUser extends ConnectionRow {
  readonly userSid: string;
  readonly serviceSid: string;
}

/** An open Connection that a socket of a node holds, or held. */
export interface NodeConnection extends ConnectionOfUser {
  readonly node: Incarnation;
}

/** Where a held Connection stands in the list of them all. */
export type NodeConnectionCursor = Pick<NodeConnection, 'node' | 'userSid' | 'sid'>;

export interface BindingFilter {
  readonly userSid?: string;
  readonly types?: readonly BindingType[];
  readonly identities?: readonly string[];
}

/** Reads of the `users` projection. Each call sees one moment; a deleted Service hides everything in it. */
export interface UsersReadModel {
  checkpoint(): Promise<Checkpoint>;
  service(serviceSid: string): Promise<ServiceRow | null>;
  /** Oldest first, as every list here. */
  services(page: PageRequest): Promise<Page<ServiceRow>>;
  user(serviceSid: string, userSid: string): Promise<UserInService | null>;
  /** Null when the Service does not exist. */
  usersBySid(serviceSid: string, userSids: readonly string[]): Promise<ResolvedUsers | null>;
  /** Open Connections of a User, oldest first; null when there is no such User. */
  connections(
    serviceSid: string,
    userSid: string,
    page: PageRequest,
  ): Promise<Page<ConnectionOfUser> | null>;
  /** Null when it is not open, and when its opener had already ended, which counts as closed. */
  connection(serviceSid: string, connectionSid: string): Promise<ConnectionOfUser | null>;
  /** Null when the Service does not exist. */
  users(serviceSid: string, page: PageRequest): Promise<UsersOfService | null>;
  bindings(
    serviceSid: string,
    filter: BindingFilter,
    page: PageRequest,
  ): Promise<Page<BindingOfUser> | null>;
  binding(serviceSid: string, bindingSid: string): Promise<BindingOfUser | null>;

  /**
   * Connections that the log has open although this incarnation of their node, or one before it, held them: what
   * a reaper closes once that has ended. In order of incarnation, User and sid, from the place after `after` on.
   */
  orphanedConnections(
    upTo: Incarnation,
    after: NodeConnectionCursor | null,
    limit: number,
  ): Promise<NodeConnection[]>;
  /** Open Connections that belong to no node, in order of sid: those with a TTL. */
  httpConnections(afterSid: string, limit: number): Promise<ConnectionOfUser[]>;
  /** Users left over in deleted Services. */
  usersOfDeletedServices(limit: number): Promise<Pick<UserSummary, 'sid' | 'serviceSid'>[]>;

  /** Every node, and the checkpoint that belongs to it: where following the log in memory begins. */
  nodes(): Promise<{ readonly checkpoint: Checkpoint; readonly nodes: readonly NodeRow[] }>;

  /** Fold states and the checkpoint they belong to, of one moment: the seed of a live fold. */
  loadStates(
    keys: readonly string[],
  ): Promise<{ readonly checkpoint: Checkpoint; readonly states: Map<string, UsersState> }>;
}
