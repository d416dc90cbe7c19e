import type { Command } from 'commander';
import type { CommandHost } from '../command-host.ts';
import { addForgetFolder } from './forget-folder.ts';

/** `reachability nodes ...` */
export function addNodes(program: Command, host: CommandHost): void {
  const group = program.command('nodes').description('processes that use the event store');
  addForgetFolder(group, host);
}
