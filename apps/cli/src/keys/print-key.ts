import type { Stores } from '#shared/composition/stores';
import type { Settings } from '#shared/settings/settings';
import type { IssuedApiKey } from '#shared/use-cases/api-keys';
import { apiKeyJson } from '#twilio-wire/api-key-json';
import { writeJson, writeLine, type CommandIo } from '../io/command-io.ts';
import { labelled } from '../io/text.ts';
import { catchUp } from '../stores/catch-up.ts';
import { viewContext } from '../stores/view-context.ts';
import { existingApiKey } from './api-key-stores.ts';

/** Prints a key with its new secret, which nothing shows again. */
export async function printIssuedKey(
  io: CommandIo,
  settings: Settings,
  stores: Stores,
  { keySid, secret, state }: IssuedApiKey,
): Promise<void> {
  if (io.json) {
    await catchUp(io, stores);
    const key = await existingApiKey(stores, keySid);
    const lastUsed = await stores.operations.apiKeySecrets.lastUsed([keySid]);
    const json = apiKeyJson(key, lastUsed.get(keySid), viewContext(settings));
    await writeJson(io, { ...json, secret });
    return;
  }
  const previousSecret = state.status === 'active' ? state.previousSecret : null;
  const lines = labelled([
    ['API key', keySid],
    ['Secret', secret],
    ['Old secret', previousSecret === null ? null : `valid until ${previousSecret.validUntil}`],
  ]);
  await writeLine(io, lines);
  io.note('Keep the secret: it is not shown again\n');
}
