import { InvalidArgumentError, type Command } from 'commander';
import { API_KEY_MAX_OVERLAP_SECONDS } from '#domain';
import { OWNER, rotateApiKey } from '#shared/use-cases/api-keys';
import { apiKeySid } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { catchUp } from '../stores/catch-up.ts';
import { cliContext } from '../stores/cli-context.ts';
import { apiKeyStores, existingApiKey } from './api-key-stores.ts';
import { printIssuedKey } from './print-key.ts';

/** `keys rotate SK`: another secret for a key. */
export function addRotateKey(group: Command, host: CommandHost): void {
  group
    .command('rotate')
    .description('give an API key another secret, and print it once')
    .argument('<key>', 'sid of the API key', apiKeySid)
    .option('--overlap-seconds <n>', 'for how long the old secret remains valid', overlapSeconds, 0)
    .addHelpText(
      'after',
      `
Example:
  $ reachability keys rotate SK0123456789abcdef0123456789abcdef --overlap-seconds 3600`,
    )
    .action((keySid: string, options: { readonly overlapSeconds: number }, command: Command) =>
      host.run(command, async ({ io, settings, stores }) => {
        await catchUp(io, stores);
        await existingApiKey(stores, keySid);
        const issued = await rotateApiKey(apiKeyStores(settings, stores), {
          keySid,
          overlapSeconds: options.overlapSeconds,
          issuer: OWNER,
          now: new Date(),
          context: cliContext(),
        });
        await printIssuedKey(io, settings, stores, issued);
      }),
    );
}

/** Parses an overlap. @throws InvalidArgumentError */
function overlapSeconds(value: string): number {
  const seconds = Number(value);
  if (/^\d+$/.test(value) && seconds <= API_KEY_MAX_OVERLAP_SECONDS) return seconds;
  throw new InvalidArgumentError(
    `Must be a whole number from 0 to ${API_KEY_MAX_OVERLAP_SECONDS}.`,
  );
}
