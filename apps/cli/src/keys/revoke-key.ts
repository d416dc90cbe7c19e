import type { Command } from 'commander';
import { revokeApiKey } from '#shared/use-cases/api-keys';
import { apiKeySid } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { printable } from '../io/text.ts';
import { catchUp } from '../stores/catch-up.ts';
import { cliContext } from '../stores/cli-context.ts';
import { apiKeyStores, existingApiKey } from './api-key-stores.ts';

/** `keys revoke SK`: ends an API key for good. */
export function addRevokeKey(group: Command, host: CommandHost): void {
  group
    .command('revoke')
    .description('end an API key for good, and close the sockets whose tokens it signed')
    .argument('<key>', 'sid of the API key', apiKeySid)
    .addHelpText(
      'after',
      '\nExample:\n  $ reachability keys revoke SK0123456789abcdef0123456789abcdef',
    )
    .action((keySid: string, _options: object, command: Command) =>
      host.run(command, async ({ io, settings, stores }) => {
        await catchUp(io, stores);
        const { friendlyName } = await existingApiKey(stores, keySid);
        await revokeApiKey(apiKeyStores(settings, stores), { keySid, context: cliContext() });
        if (io.json) await writeJson(io, { sid: keySid, revoked: true });
        else await writeLine(io, `Revoked ${keySid} (${printable(friendlyName)})`);
      }),
    );
}
