import type { ApiKeyRow } from '#read-model';
import { loadEncryptionKey } from '#shared/composition/encryption-key';
import type { Stores } from '#shared/composition/stores';
import type { Settings } from '#shared/settings/settings';
import { Aggregates } from '#shared/use-cases/aggregates';
import { ApiKeySecrets } from '#shared/use-cases/api-key-secrets';
import type { ApiKeyStores } from '#shared/use-cases/api-keys';
import { usageError } from '../cli-error.ts';

/** Returns what the use cases of API keys work with. */
export function apiKeyStores(settings: Settings, { events, operations }: Stores): ApiKeyStores {
  return {
    aggregates: new Aggregates(events, () => new Date()),
    secrets: new ApiKeySecrets(operations.apiKeySecrets, () => loadEncryptionKey(settings)),
  };
}

/** Returns the API key with a sid. @throws CliError if there is none, or it was revoked */
export async function existingApiKey({ readModel }: Stores, keySid: string): Promise<ApiKeyRow> {
  const key = await readModel.users.apiKey(keySid);
  if (key === null) throw usageError(`There is no API key ${keySid}`);
  return key;
}
