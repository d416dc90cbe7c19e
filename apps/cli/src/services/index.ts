import type { Command } from 'commander';
import type { CommandHost } from '../command-host.ts';
import { addListServices } from './list-services.ts';

/** `reachability services ...` */
export function addServices(program: Command, host: CommandHost): void {
  const group = program.command('services').description('Chat Service instances');
  addListServices(group, host);
}
