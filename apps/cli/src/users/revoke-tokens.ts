import type { Command } from 'commander';
import { acceptedFrom } from '#domain';
import { Aggregates } from '#shared/use-cases/aggregates';
import { revokeTokens } from '#shared/use-cases/users';
import { revocationJson } from '#twilio-wire/revocation-json';
import { serviceSid } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { printable } from '../io/text.ts';
import { catchUp } from '../stores/catch-up.ts';
import { cliContext } from '../stores/cli-context.ts';
import { viewContext } from '../stores/view-context.ts';
import { existingUser } from './get-user.ts';

/** `users revoke-tokens`: refuses the access tokens that a User has so far. */
export function addRevokeTokens(group: Command, host: CommandHost): void {
  group
    .command('revoke-tokens')
    .description('refuse the access tokens issued so far for one User, and close its sockets')
    .argument('<user>', 'sid or identity of the User')
    .requiredOption('--service <sid>', 'the Service', serviceSid)
    .addHelpText(
      'after',
      '\nExample:\n  $ reachability users revoke-tokens alice --service IS0123456789abcdef0123456789abcdef',
    )
    .action((name: string, { service }: { readonly service: string }, command: Command) =>
      host.run(command, async ({ io, settings, stores }) => {
        await catchUp(io, stores);
        const { user } = await existingUser(stores, service, name);
        const clock = (): Date => new Date();
        const aggregates = new Aggregates(stores.events, clock);
        const revoked = await revokeTokens(
          { aggregates, clock },
          { user: user.sid, context: cliContext() },
        );
        if (io.json) {
          const json = revocationJson({ serviceSid: service, ...revoked }, viewContext(settings));
          await writeJson(io, json);
          return;
        }
        const since = acceptedFrom(revoked.revokedAt);
        await writeLine(
          io,
          `Access tokens of ${printable(user.identity)} issued before ${since} are refused`,
        );
      }),
    );
}
