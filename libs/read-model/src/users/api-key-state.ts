import type { ApiKeyState } from '#domain';
import type { ApiKeyRow } from './users-state.ts';

/** Returns the state of an API key from its row: what the domain folds, and what decides whether it is valid. */
export function apiKeyStateOf(row: ApiKeyRow | null): ApiKeyState {
  if (row === null) return { status: 'absent' };
  if (row.revoked) return { status: 'revoked' };
  const { sid, friendlyName, scopes, services, expiresAt, secretId, previousSecret } = row;
  return {
    status: 'active',
    sid,
    friendlyName,
    scopes,
    services,
    expiresAt,
    secretId,
    previousSecret,
  };
}
