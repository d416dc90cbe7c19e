import type { Command } from 'commander';
import type { ApiKeyRow } from '#read-model';
import { apiKeyJson } from '#twilio-wire/api-key-json';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { printable, table } from '../io/text.ts';
import { allPages } from '../stores/all-pages.ts';
import { catchUp } from '../stores/catch-up.ts';
import { viewContext } from '../stores/view-context.ts';

/** When keys were last used, by sid, in milliseconds since the epoch. */
type Uses = ReadonlyMap<string, number>;

/** `keys list`: the API keys that were not revoked, oldest first. */
export function addListKeys(group: Command, host: CommandHost): void {
  group
    .command('list')
    .description('list the API keys that were not revoked, oldest first')
    .addHelpText(
      'after',
      '\nThe keys of the settings are not in the list.\n\nExample:\n  $ reachability keys list',
    )
    .action((_options: object, command: Command) =>
      host.read(command, async ({ io, settings, stores }) => {
        await catchUp(io, stores);
        const { users } = stores.readModel;
        const pages = await Array.fromAsync(allPages((page) => users.apiKeys(page)));
        const keys = pages.flat();
        const uses = await stores.operations.apiKeySecrets.lastUsed(keys.map(({ sid }) => sid));
        if (io.json) {
          const context = viewContext(settings);
          const json = keys.map((key) => apiKeyJson(key, uses.get(key.sid), context));
          await writeJson(io, { api_keys: json });
        } else {
          await writeLine(io, asTable(keys, uses));
        }
      }),
    );
}

function asTable(keys: readonly ApiKeyRow[], uses: Uses): string {
  return table(
    ['SID', 'SCOPES', 'SERVICES', 'EXPIRES', 'LAST USED', 'NAME'],
    keys.map(({ sid, scopes, services, expiresAt, friendlyName }) => {
      const usedAt = uses.get(sid);
      return [
        sid,
        scopes.join(','),
        services === null ? 'all' : services.join(','),
        expiresAt ?? 'never',
        usedAt === undefined ? 'never' : new Date(usedAt).toISOString(),
        printable(friendlyName),
      ];
    }),
  );
}
