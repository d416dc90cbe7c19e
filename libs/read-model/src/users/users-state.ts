import type { BindingType, Incarnation, ServiceSettings, Transport } from '#domain';
import type { Position } from '#event-store';

/** A Service as the read model holds it. */
export interface ServiceRow {
  readonly kind: 'service';
  readonly sid: string;
  readonly settings: ServiceSettings;
  readonly reachabilityEnabled: boolean;
  /** Place and time of the latest change of the flag, null before the first. */
  readonly flagPosition: Position | null;
  readonly flagChangedAt: string | null;
  readonly createdAt: string;
  readonly createdPosition: Position;
  readonly updatedAt: string;
  /** A deleted Service leaves this mark until its Users are gone too; no read shows it. */
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
  /** False: it was opened by an incarnation that had already ended, and makes nobody online. */
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

/** A User as the read model holds it, with everything that is open or registered. */
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
  /** Place of the last event of the User. */
  readonly changedPosition: Position;
  readonly lastConnectPosition: Position | null;
  /** Time of the first connect after the Service's latest enablement: since then there is an answer. */
  readonly answeredSince: string | null;
  /** Time at which the User last went from no open Connection to one or back. */
  readonly onlineChangedAt: string | null;
  /** Last moment at which a client was known to be there, of those that have left; null before the first. */
  readonly lastOnlineAt: string | null;
  readonly connections: readonly ConnectionRow[];
  readonly bindings: readonly BindingRow[];
}

/** A node: which of its incarnations is the latest and whether that runs. */
export interface NodeRow {
  readonly kind: 'node';
  readonly nodeId: string;
  readonly incarnation: number;
  readonly running: boolean;
}

export type UsersState = ServiceRow | UserRow | NodeRow;
