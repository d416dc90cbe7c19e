import { Type, type Static } from 'typebox';
import type { DomainEvent } from '../decider.ts';
import { Nullable } from '../nullable.ts';

/** What a key may do: everything, read only, or sign access tokens and nothing else. */
export const ApiKeyScope = Type.Union([
  Type.Literal('admin'),
  Type.Literal('read'),
  Type.Literal('sign'),
]);
export type ApiKeyScope = Static<typeof ApiKeyScope>;

/** Every scope, as the API documents them. */
export const API_KEY_SCOPES = ApiKeyScope.anyOf.map((literal) => literal.const);

export function isApiKeyScope(value: string): value is ApiKeyScope {
  return API_KEY_SCOPES.some((scope) => scope === value);
}

/** Payload schemas of the `key-<SK..>` stream, by event type. A secret is never part of an event. */
export const apiKeyEventSchemas = {
  ApiKeyCreated: Type.Object({
    keySid: Type.String(),
    friendlyName: Type.String(),
    scopes: Type.Array(ApiKeyScope, { minItems: 1 }),
    /** Sids of the Services that the key is limited to; null if it is not limited. */
    services: Nullable(Type.Array(Type.String(), { minItems: 1 })),
    /** ISO 8601; null if the key does not expire. */
    expiresAt: Nullable(Type.String()),
    /** Random id of the secret. A stored secret with another id is not valid, wherever it comes from. */
    secretId: Type.String(),
  }),
  ApiKeyRotated: Type.Object({
    keySid: Type.String(),
    secretId: Type.String(),
    /** ISO 8601 time until which the secret before this one remains valid; null if it ended at once. */
    previousValidUntil: Nullable(Type.String()),
  }),
  ApiKeyRevoked: Type.Object({ keySid: Type.String() }),
} as const;

type Schemas = typeof apiKeyEventSchemas;
export type ApiKeyEvent = {
  [T in keyof Schemas]: DomainEvent<T, Static<Schemas[T]>>;
}[keyof Schemas];
