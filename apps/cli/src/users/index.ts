import type { Command } from 'commander';
import type { CommandHost } from '../command-host.ts';
import { addGetUser } from './get-user.ts';
import { addListUsers } from './list-users.ts';
import { addWatchUsers } from './watch-users.ts';

/** `reachability users ...` */
export function addUsers(program: Command, host: CommandHost): void {
  const group = program.command('users').description('Users of a Service: are they online?');
  addListUsers(group, host);
  addGetUser(group, host);
  addWatchUsers(group, host);
}
