import type { Command } from 'commander';
import type { CommandHost } from '../command-host.ts';
import { addBackup } from './backup-store.ts';
import { addExport } from './export-store.ts';
import { addImport } from './import-store.ts';
import { addMigrate } from './migrate-store.ts';
import { addRestore } from './restore-store.ts';
import { addSeed } from './seed-store.ts';
import { addStats } from './store-stats.ts';
import { addVerifyStore } from './verify-store.ts';

/** `reachability store ...` */
export function addStore(program: Command, host: CommandHost): void {
  const group = program.command('store').description('the event store, and the database');
  addStats(group, host);
  addExport(group, host);
  addImport(group, host);
  addBackup(group, host);
  addRestore(group, host);
  addVerifyStore(group, host);
  addSeed(group, host);
  addMigrate(group, host);
}
