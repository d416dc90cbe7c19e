import { isApiKeyScope } from '#domain';
import {
  flag,
  text,
  textOrNull,
  UnexpectedColumnError,
  type SqlRow,
} from '#projections/adapters/columns';
import type { ApiKeyRow } from '../users/users-state.ts';

/** Returns the API key in a row of `api_keys`. @throws UnexpectedColumnError */
export function toApiKey(row: SqlRow): ApiKeyRow {
  const services = textOrNull(row, 'services');
  const previousSecretId = textOrNull(row, 'previous_secret_id');
  return {
    kind: 'key',
    sid: text(row, 'sid'),
    friendlyName: text(row, 'friendly_name'),
    scopes: textList(text(row, 'scopes'), 'scopes').filter(isApiKeyScope),
    services: services === null ? null : textList(services, 'services'),
    expiresAt: textOrNull(row, 'expires_at'),
    secretId: text(row, 'secret_id'),
    previousSecret:
      previousSecretId === null
        ? null
        : { secretId: previousSecretId, validUntil: text(row, 'previous_valid_until') },
    createdAt: text(row, 'created_at'),
    createdPosition: text(row, 'created_position'),
    updatedAt: text(row, 'updated_at'),
    revoked: flag(row, 'revoked'),
  };
}

function textList(json: string, column: string): readonly string[] {
  const list: unknown = JSON.parse(json);
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list;
  throw new UnexpectedColumnError(column, 'a list of texts');
}
