import type { ActiveApiKey, BindingType, Incarnation, ServiceSettings, Transport } from '#domain';
import type { Position } from '#event-store';

/** A Service in the read model. */
export interface ServiceRow {
  readonly kind: 'service';
  readonly sid: string;
  readonly settings: ServiceSettings;
  readonly reachabilityEnabled: boolean;
  /** Position and time of the latest flag change; null before the first. */
  readonly flagPosition: Position | null;
  readonly flagChangedAt: string | null;
  readonly createdAt: string;
  readonly createdPosition: Position;
  readonly updatedAt: string;
  /** The row of a deleted Service remains until its Users are deleted; reads do not return it. */
  readonly deleted: boolean;
}

/** An open Connection of a User. */
export interface ConnectionRow {
  readonly sid: string;
  readonly transport: Transport;
  readonly node: Incarnation | null;
  readonly deviceId: string | null;
  readonly ttlSeconds: number | null;
  readonly openedAt: string;
  readonly openedPosition: Position;
  /** False when its incarnation had already ended at its opening: it does not make the User online. */
  readonly counted: boolean;
}

/** A push registration of a User. */
export interface BindingRow {
  readonly sid: string;
  readonly bindingType: BindingType;
  readonly address: string;
  readonly endpoint: string;
  readonly createdAt: string;
  readonly createdPosition: Position;
  readonly updatedAt: string;
}

/** A User in the read model, with its open Connections and its Bindings. */
export interface UserRow {
  readonly kind: 'user';
  readonly sid: string;
  readonly serviceSid: string;
  readonly identity: string;
  readonly friendlyName: string | null;
  readonly attributes: string;
  readonly roleSid: string | null;
  readonly createdAt: string;
  readonly createdPosition: Position;
  readonly updatedAt: string;
  /** Position of the User's last event. */
  readonly changedPosition: Position;
  readonly lastConnectPosition: Position | null;
  /**
   * The flag position of the Service at that connect; null where there was none. The User has an answer while it is still
   * the Service's, so lists find those Users by an equality, in any order.
   */
  readonly answerFlag: Position | null;
  /** Time of the first connect after the Service was last enabled: since then, the User has an answer. */
  readonly answeredSince: string | null;
  /** When the User last went online or offline. */
  readonly onlineChangedAt: string | null;
  /** When a client that has left was last seen; null before the first. */
  readonly lastOnlineAt: string | null;
  readonly connections: readonly ConnectionRow[];
  readonly bindings: readonly BindingRow[];
}

/** The latest incarnation of a node and whether it is running. */
export interface NodeRow {
  readonly kind: 'node';
  readonly nodeId: string;
  readonly incarnation: number;
  readonly running: boolean;
}

/** An API key. The row of a revoked key remains for audits; lists do not return it. */
export interface ApiKeyRow extends Omit<ActiveApiKey, 'status'> {
  readonly kind: 'key';
  readonly createdAt: string;
  readonly createdPosition: Position;
  readonly updatedAt: string;
  readonly revoked: boolean;
}

export type UsersState = ServiceRow | UserRow | NodeRow | ApiKeyRow;
