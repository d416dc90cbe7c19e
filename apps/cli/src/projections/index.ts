import type { Command } from 'commander';
import type { CommandHost } from '../command-host.ts';
import { addDeadLetters } from './dead-letters.ts';
import { addDropVersion } from './drop-version.ts';
import { addPrune } from './prune-versions.ts';
import { addRebuild } from './rebuild-projection.ts';
import { addStatus } from './projection-status.ts';
import { addSwitchVersion } from './switch-version.ts';
import { addVerify } from './verify-projection.ts';

/** `reachability projections ...` */
export function addProjections(program: Command, host: CommandHost): void {
  const group = program
    .command('projections')
    .description('the read model, which projections build from the log');
  addStatus(group, host);
  addRebuild(group, host);
  addVerify(group, host);
  addSwitchVersion(group, host);
  addDropVersion(group, host);
  addPrune(group, host);
  addDeadLetters(group, host);
}
