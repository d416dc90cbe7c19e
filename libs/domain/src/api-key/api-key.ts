import type { Decider } from '../decider.ts';
import { DomainError } from '../errors.ts';
import type { ApiKeyEvent, ApiKeyScope } from './api-key-events.ts';

/** An API key before its creation, active, or revoked for good: its sid never comes back. */
export type ApiKeyState =
  { readonly status: 'absent' } | ActiveApiKey | { readonly status: 'revoked' };

/** A key that was not revoked. It may have expired. */
export interface ActiveApiKey {
  readonly status: 'active';
  readonly sid: string;
  readonly friendlyName: string;
  readonly scopes: readonly ApiKeyScope[];
  /** Sids of the Services that the key is limited to; null if it is not limited. */
  readonly services: readonly string[] | null;
  /** ISO 8601; null if the key does not expire. */
  readonly expiresAt: string | null;
  readonly secretId: string;
  readonly previousSecret: PreviousSecret | null;
}

/** The secret before the last rotation, which overlaps the new one. */
export interface PreviousSecret {
  readonly secretId: string;
  /** ISO 8601. */
  readonly validUntil: string;
}

export type ApiKeyCommand =
  | {
      readonly type: 'CreateApiKey';
      readonly keySid: string;
      readonly friendlyName: string;
      readonly scopes: readonly ApiKeyScope[];
      readonly services: readonly string[] | null;
      readonly expiresAt: string | null;
      readonly secretId: string;
    }
  | {
      readonly type: 'RotateApiKey';
      readonly secretId: string;
      /** ISO 8601; null ends the current secret at once. */
      readonly previousValidUntil: string | null;
    }
  | { readonly type: 'RevokeApiKey' };

const initialState: ApiKeyState = { status: 'absent' };

/** @throws DomainError `KEY.ALREADY_EXISTS`, `KEY.NOT_FOUND` */
function decide(command: ApiKeyCommand, state: ApiKeyState): ApiKeyEvent[] {
  if (command.type === 'CreateApiKey') {
    if (state.status !== 'absent') {
      throw new DomainError('KEY.ALREADY_EXISTS', 'API key already exists');
    }
    const { keySid, friendlyName, scopes, services, expiresAt, secretId } = command;
    return [
      {
        type: 'ApiKeyCreated',
        data: {
          keySid,
          friendlyName,
          scopes: [...new Set(scopes)],
          services: services === null ? null : [...new Set(services)],
          expiresAt,
          secretId,
        },
      },
    ];
  }
  if (state.status !== 'active') throw new DomainError('KEY.NOT_FOUND', 'API key not found');
  const { sid: keySid } = state;
  if (command.type === 'RevokeApiKey') return [{ type: 'ApiKeyRevoked', data: { keySid } }];
  const { secretId, previousValidUntil } = command;
  return [{ type: 'ApiKeyRotated', data: { keySid, secretId, previousValidUntil } }];
}

function evolve(state: ApiKeyState, event: ApiKeyEvent): ApiKeyState {
  if (event.type === 'ApiKeyCreated') {
    if (state.status !== 'absent') return state;
    const { keySid: sid, ...rest } = event.data;
    return { status: 'active', sid, ...rest, previousSecret: null };
  }
  if (state.status !== 'active') return state;
  if (event.type === 'ApiKeyRevoked') return { status: 'revoked' };
  const { secretId, previousValidUntil } = event.data;
  const previousSecret =
    previousValidUntil === null
      ? null
      : { secretId: state.secretId, validUntil: previousValidUntil };
  return { ...state, secretId, previousSecret };
}

type Validity = Pick<ActiveApiKey, 'secretId' | 'previousSecret' | 'expiresAt'>;

/** Ids of the secrets of a key that are valid at `now`, the newest first; none of an expired key. */
export function validSecretIds(
  { secretId, previousSecret, expiresAt }: Validity,
  now: Date,
): readonly string[] {
  if (expiresAt !== null && Date.parse(expiresAt) <= now.getTime()) return [];
  if (previousSecret === null || Date.parse(previousSecret.validUntil) <= now.getTime()) {
    return [secretId];
  }
  return [secretId, previousSecret.secretId];
}

/** ISO time at which a valid secret of a key ends; null if only a rotation or revocation ends it. */
export function secretEndsAt(
  { previousSecret, expiresAt }: Validity,
  secretId: string,
): string | null {
  const ends = [
    expiresAt,
    previousSecret?.secretId === secretId ? previousSecret.validUntil : null,
  ].filter((end) => end !== null);
  return ends.sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null;
}

export const apiKeyDecider: Decider<ApiKeyState, ApiKeyCommand, ApiKeyEvent> = {
  initialState,
  decide,
  evolve,
};
