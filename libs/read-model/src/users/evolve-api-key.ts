import { apiKeyDecider, type ApiKeyEvent } from '#domain';
import type { ProjectedEvent } from '#projections';
import type { ApiKeyRow } from './users-state.ts';

/** Folds one event of an API key into its row. */
export function evolveApiKey(
  row: ApiKeyRow | null,
  { event, position, effectiveAt }: ProjectedEvent<ApiKeyEvent>,
): ApiKeyRow | null {
  const { initialState, evolve } = apiKeyDecider;
  const before = row === null || row.revoked ? initialState : { ...row, status: 'active' as const };
  const after = evolve(before, event);
  if (after.status === 'active') {
    const { sid, friendlyName, scopes, services, expiresAt, secretId, previousSecret } = after;
    return {
      kind: 'key',
      sid,
      friendlyName,
      scopes,
      services,
      expiresAt,
      secretId,
      previousSecret,
      createdAt: row?.createdAt ?? effectiveAt,
      createdPosition: row?.createdPosition ?? position,
      updatedAt: effectiveAt,
      revoked: false,
    };
  }
  return row === null ? null : { ...row, revoked: true, updatedAt: effectiveAt };
}
