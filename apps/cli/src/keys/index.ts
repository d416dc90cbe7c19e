import type { Command } from 'commander';
import type { CommandHost } from '../command-host.ts';
import { addCreateKey } from './create-key.ts';
import { addListKeys } from './list-keys.ts';
import { addRevokeKey } from './revoke-key.ts';
import { addRotateKey } from './rotate-key.ts';

/** `reachability keys ...` */
export function addKeys(program: Command, host: CommandHost): void {
  const group = program
    .command('keys')
    .description('API keys: for REST, and to sign access tokens');
  addListKeys(group, host);
  addCreateKey(group, host);
  addRotateKey(group, host);
  addRevokeKey(group, host);
}
