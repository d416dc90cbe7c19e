import type { Command } from 'commander';
import type { CommandHost } from '../command-host.ts';
import { addGetUser } from './get-user.ts';
import { addImportUsers } from './import-users.ts';
import { addListBindings } from './list-bindings.ts';
import { addListUsers } from './list-users.ts';
import { addRevokeTokens } from './revoke-tokens.ts';
import { addWatchUsers } from './watch-users.ts';

/** `reachability users ...` */
export function addUsers(program: Command, host: CommandHost): void {
  const group = program.command('users').description('Users of a Service and their reachability');
  addListUsers(group, host);
  addGetUser(group, host);
  addWatchUsers(group, host);
  addListBindings(group, host);
  addImportUsers(group, host);
  addRevokeTokens(group, host);
}
