import { apiKeyDecider, type ApiKeyEvent } from '#domain';
import type { ProjectedEvent } from '#projections';
import { apiKeyStateOf } from './api-key-state.ts';
import type { ApiKeyRow } from './users-state.ts';

/** Folds one event of an API key into its row. */
export function evolveApiKey(
  row: ApiKeyRow | null,
  { event, position, effectiveAt }: ProjectedEvent<ApiKeyEvent>,
): ApiKeyRow | null {
  const after = apiKeyDecider.evolve(apiKeyStateOf(row), event);
  if (after.status !== 'active') {
    return row === null ? null : { ...row, revoked: true, updatedAt: effectiveAt };
  }
  const { status: _, ...state } = after;
  return {
    kind: 'key',
    ...state,
    createdAt: row?.createdAt ?? effectiveAt,
    createdPosition: row?.createdPosition ?? position,
    updatedAt: effectiveAt,
    revoked: false,
  };
}
