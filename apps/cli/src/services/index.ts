import type { Command } from 'commander';
import type { CommandHost } from '../command-host.ts';
import { addCreateService } from './create-service.ts';
import { addListRoles } from './list-roles.ts';
import { addListServices } from './list-services.ts';
import { addShowService } from './show-service.ts';
import { addSummarizeService } from './summarize-service.ts';
import { addSwitchReachability } from './switch-reachability.ts';
import { addUpdateService } from './update-service.ts';

/** `reachability services ...` */
export function addServices(program: Command, host: CommandHost): void {
  const group = program.command('services').description('Chat Service instances');
  addListServices(group, host);
  addCreateService(group, host);
  addShowService(group, host);
  addSummarizeService(group, host);
  addUpdateService(group, host);
  addSwitchReachability(group, host);
  addListRoles(group, host);
}
