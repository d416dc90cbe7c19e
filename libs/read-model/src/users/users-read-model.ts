import type { BindingType, Incarnation } from '#domain';
import type { Position } from '#event-store';
import type { Checkpoint } from '#projections';
import type { UserSelection } from './user-selection.ts';
import type { UserProfile, UserSummary, UserWithoutProfile } from './user-summary.ts';
import type {
  ApiKeyRow,
  BindingRow,
  ConnectionRow,
  NodeRow,
  ServiceRow,
  UsersState,
} from './users-state.ts';

/** Selects the rows after or before a position in a list ordered by creation. */
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

/** Names a User that is looked for in a Service. */
export interface UserKey {
  readonly serviceSid: string;
  readonly userSid: string;
}

/** A User and its Service, from one snapshot. */
export interface UserInService {
  readonly user: UserSummary;
  readonly service: ServiceRow;
}

/** A page of Users. A filtered one may have fewer rows than asked for, and still another page after it. */
export interface UserPage extends Page<UserSummary> {
  /** Positions between which the page looked, as cursors of the pages around it; null where it looked at nothing. */
  readonly edges: { readonly first: Position; readonly last: Position } | null;
}

/** A page of Users and their Service, from one snapshot. */
export interface UsersOfService {
  readonly service: ServiceRow;
  readonly page: UserPage;
}

/** Requested Users of a Service that exist, from one snapshot. */
export interface ResolvedUsers {
  readonly service: ServiceRow;
  /** Unordered. */
  readonly users: readonly UserWithoutProfile[];
}

/** A Binding and its User. */
export interface BindingOfUser extends BindingRow {
  readonly userSid: string;
  readonly identity: string;
}

/** An open Connection and its User. */
export interface ConnectionOfUser extends ConnectionRow {
  readonly userSid: string;
  readonly serviceSid: string;
}

/** An open Connection of a socket of a node. */
export interface NodeConnection extends ConnectionOfUser {
  readonly node: Incarnation;
}

/** The place of a Connection in the list of a node's Connections. */
export type NodeConnectionCursor = Pick<NodeConnection, 'node' | 'userSid' | 'sid'>;

export interface BindingFilter {
  readonly userSid?: string;
  readonly types?: readonly BindingType[];
  readonly identities?: readonly string[];
}

/** Reads of the `users` projection. Each call reads a snapshot; a deleted Service hides everything in it. */
export interface UsersReadModel {
  checkpoint(): Promise<Checkpoint>;
  service(serviceSid: string): Promise<ServiceRow | null>;
  /**
   * Oldest first, like every list here.
   *
   * @param only sids of the Services to list; null or left out for all
   */
  services(page: PageRequest, only?: readonly string[] | null): Promise<Page<ServiceRow>>;
  user(serviceSid: string, userSid: string): Promise<UserInService | null>;
  /** Null when the Service does not exist. */
  usersBySid(serviceSid: string, userSids: readonly string[]): Promise<ResolvedUsers | null>;
  /** Profiles of those Users that exist in the Service, unordered. */
  profilesBySid(serviceSid: string, userSids: readonly string[]): Promise<readonly UserProfile[]>;
  /** Open Connections of a User, oldest first; null when the User does not exist. */
  connections(
    serviceSid: string,
    userSid: string,
    page: PageRequest,
  ): Promise<Page<ConnectionOfUser> | null>;
  /** Null when the Connection is closed, or when its node had ended before it was opened. */
  connection(serviceSid: string, connectionSid: string): Promise<ConnectionOfUser | null>;
  /**
   * Null when the Service does not exist. Sorted by creation, a User that matches from the first page to the last is on
   * exactly one of them, whatever else changes. Sorted by last change, a User that changes moves: upwards it is on at least
   * one page, downwards on one at most.
   *
   * @param selection which Users to list and in which order; by default all, oldest first
   */
  users(
    serviceSid: string,
    page: PageRequest,
    selection?: UserSelection,
  ): Promise<UsersOfService | null>;
  bindings(
    serviceSid: string,
    filter: BindingFilter,
    page: PageRequest,
  ): Promise<Page<BindingOfUser> | null>;
  binding(serviceSid: string, bindingSid: string): Promise<BindingOfUser | null>;

  /**
   * Open Connections of a node's incarnation and those before it, to be closed when the incarnation has ended. In
   * order of incarnation, User and sid, starting after `after`.
   */
  orphanedConnections(
    upTo: Incarnation,
    after: NodeConnectionCursor | null,
    limit: number,
  ): Promise<NodeConnection[]>;
  /** Open Connections without a node, which have a TTL, in order of sid. */
  httpConnections(afterSid: string, limit: number): Promise<ConnectionOfUser[]>;
  /** Users that are still to be deleted in deleted Services. */
  usersOfDeletedServices(limit: number): Promise<Pick<UserSummary, 'sid' | 'serviceSid'>[]>;

  /** API keys that were not revoked; expired ones are among them. */
  apiKeys(page: PageRequest): Promise<Page<ApiKeyRow>>;
  /** Null when there is no such key, or it was revoked. */
  apiKey(keySid: string): Promise<ApiKeyRow | null>;
  /** All keys, revoked ones too, and the checkpoint of the snapshot, from which to follow the log. */
  everyApiKey(): Promise<{ readonly checkpoint: Checkpoint; readonly keys: readonly ApiKeyRow[] }>;

  /** All nodes and the checkpoint of the snapshot, from which to follow the log. */
  nodes(): Promise<{ readonly checkpoint: Checkpoint; readonly nodes: readonly NodeRow[] }>;

  /** States of keys and the checkpoint of the snapshot, from which to continue the fold. */
  loadStates(
    keys: readonly string[],
  ): Promise<{ readonly checkpoint: Checkpoint; readonly states: Map<string, UsersState> }>;
}
