import type { Command } from 'commander';
import { resolveUserSid } from '#domain';
import { answerFor, formatVersion, reasonInWords, type UserInService } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { userJson } from '#twilio-wire/user-json';
import { serviceSid } from '../arguments/parsers.ts';
import { usageError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { labelled, printable, yesNo } from '../io/text.ts';
import { existingService } from '../services/print-service.ts';
import { catchUp } from '../stores/catch-up.ts';
import { viewContext } from '../stores/view-context.ts';

/** `users get`: the current state of one User. */
export function addGetUser(group: Command, host: CommandHost): void {
  group
    .command('get')
    .description('show the current state of one User')
    .argument('<user>', 'sid or identity of the User')
    .requiredOption('--service <sid>', 'the Service', serviceSid)
    .addHelpText(
      'after',
      '\nExample:\n  $ reachability users get alice --service IS0123456789abcdef0123456789abcdef',
    )
    .action((name: string, { service }: { readonly service: string }, command: Command) =>
      host.read(command, async ({ io, settings, stores }) => {
        await catchUp(io, stores);
        const found = await existingUser(stores, service, name);
        if (io.json) await writeJson(io, userJson(found, viewContext(settings)));
        else await writeLine(io, asText(found, stores.events.epoch));
      }),
    );
}

/** Returns the User with a sid or an identity. @throws CliError if there is none */
export async function existingUser(
  stores: Stores,
  serviceSid: string,
  name: string,
): Promise<UserInService> {
  await existingService(stores, serviceSid);
  const found = await stores.readModel.users.user(serviceSid, resolveUserSid(serviceSid, name));
  if (found === null) {
    throw usageError(`There is no User ${printable(name)} in Service ${serviceSid}`);
  }
  return found;
}

function asText({ user, service }: UserInService, epoch: string): string {
  const answer = answerFor(user, service);
  return labelled([
    ['User', `${printable(user.identity)} (${user.sid})`],
    ['Service', `${printable(service.settings.friendlyName)} (${service.sid})`],
    ['Online', yesNo(answer.isOnline)],
    ['Notifiable', yesNo(answer.isNotifiable)],
    ['Reason', reasonInWords(answer)],
    ['Since', answer.since],
    ['Last online', answer.lastOnline],
    ['Bindings', String(user.bindingCount)],
    ['Created', user.createdAt],
    ['Version', formatVersion(epoch, answer.position)],
  ]);
}
