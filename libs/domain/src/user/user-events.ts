import { Type, type Static } from 'typebox';
import type { DomainEvent } from '../decider.ts';
import { Nullable } from '../nullable.ts';

const ofUser = { serviceSid: Type.String(), userSid: Type.String() };

/** Why a Connection closed. `clean`: bye frame or close code 1000. `abrupt`: any other end of a socket. */
export const CloseCause = Type.Union([
  Type.Literal('clean'),
  Type.Literal('abrupt'),
  Type.Literal('timeout'),
  Type.Literal('expired'),
  Type.Literal('node_lost'),
  Type.Literal('admin'),
]);
export type CloseCause = Static<typeof CloseCause>;

/** Who holds a Connection: a socket of one of two protocols, or another gateway over HTTP. */
export const Transport = Type.Union([
  Type.Literal('stream'),
  Type.Literal('twilsock'),
  Type.Literal('http'),
]);
export type Transport = Static<typeof Transport>;

export const BindingType = Type.Union([
  Type.Literal('apn'),
  Type.Literal('fcm'),
  Type.Literal('gcm'),
]);
export type BindingType = Static<typeof BindingType>;
/** Every {@link BindingType}. */
export const BINDING_TYPES = BindingType.anyOf.map((literal) => literal.const);

const profile = {
  friendlyName: Nullable(Type.String()),
  /** A JSON document as text, as in Twilio's API. */
  attributes: Type.String(),
  /** Null means the Service's default role. */
  roleSid: Nullable(Type.String()),
};

/** Present if a REST write asked for its webhook. Without it, a REST write calls none. */
const webhookEnabled = Type.Optional(Type.Literal(true));

/** Payload schemas of the `user-<US..>` stream, by event type. */
export const userEventSchemas = {
  UserCreated: Type.Object({ ...ofUser, identity: Type.String(), ...profile, webhookEnabled }),
  UserUpdated: Type.Object({
    ...ofUser,
    changes: Type.Partial(Type.Object(profile)),
    webhookEnabled,
  }),
  UserDeleted: Type.Object({
    ...ofUser,
    /** As in TokensRevoked. Deletions recorded before tokens could be revoked lack it: they revoke none. */
    revokedAt: Type.Optional(Type.String()),
  }),
  /** Access tokens issued at this ISO time or before it, to the second, no longer count. */
  TokensRevoked: Type.Object({ ...ofUser, revokedAt: Type.String() }),
  ConnectionOpened: Type.Object({
    ...ofUser,
    connectionSid: Type.String(),
    transport: Transport,
    /** The api process that holds the socket; null for a Connection opened over HTTP. */
    node: Nullable(Type.Object({ nodeId: Type.String(), incarnation: Type.Integer() })),
    deviceId: Nullable(Type.String()),
    /** Seconds until a Connection opened over HTTP expires unless renewed; null for sockets. */
    ttlSeconds: Nullable(Type.Integer()),
  }),
  ConnectionClosed: Type.Object({
    ...ofUser,
    connectionSid: Type.String(),
    cause: CloseCause,
    /** When the client was last known to be connected, in ISO 8601. */
    lastSeenAt: Type.String(),
  }),
  BindingRegistered: Type.Object({
    ...ofUser,
    bindingSid: Type.String(),
    bindingType: BindingType,
    address: Type.String(),
    endpoint: Type.String(),
  }),
  BindingRemoved: Type.Object({ ...ofUser, bindingSid: Type.String() }),
} as const;

type Schemas = typeof userEventSchemas;
export type UserEvent = {
  [T in keyof Schemas]: DomainEvent<T, Static<Schemas[T]>>;
}[keyof Schemas];

/** Payload of one User event type. */
export type UserEventData<T extends keyof Schemas> = Static<Schemas[T]>;
