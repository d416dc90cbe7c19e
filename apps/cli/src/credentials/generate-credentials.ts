import type { Command } from 'commander';
import { generateSharedSecrets } from '#shared/composition/shared-secrets';
import type { CommandHost } from '../command-host.ts';
import { EXIT } from '../exit-codes.ts';
import { writeJson, writeLine } from '../io/command-io.ts';

/** `credentials generate`: new secrets, as lines of an environment file. */
export function addGenerateCredentials(group: Command, host: CommandHost): void {
  group
    .command('generate')
    .description('print new secrets for an installation on several machines; it stores nothing')
    .addHelpText(
      'after',
      `
Give every process the same ones: a second set would refuse the clients of the first.

Example:
  $ (umask 077 && reachability credentials generate > reachability.env)`,
    )
    .action((_options: object, command: Command) =>
      host.runWithoutStores(command, async ({ io }) => {
        const secrets = generateSharedSecrets();
        const lines = Object.entries(secrets).map(([name, value]) => `${name}=${value}`);
        await (io.json ? writeJson(io, secrets) : writeLine(io, lines.join('\n')));
        return EXIT.ok;
      }),
    );
}
