import type { Command } from 'commander';
import type { CommandHost } from '../command-host.ts';
import { addGenerateCredentials } from './generate-credentials.ts';

/** `reachability credentials ...` */
export function addCredentials(program: Command, host: CommandHost): void {
  const group = program
    .command('credentials')
    .description('the secrets that all processes of an installation share');
  addGenerateCredentials(group, host);
}
