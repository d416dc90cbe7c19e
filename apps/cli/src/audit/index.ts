import type { Command } from 'commander';
import type { CommandHost } from '../command-host.ts';
import { addAuditExport } from './audit-export.ts';
import { addAuditService } from './audit-service.ts';
import { addAuditUser } from './audit-user.ts';

/** `reachability audit ...` */
export function addAudit(program: Command, host: CommandHost): void {
  const group = program
    .command('audit')
    .description('the past: reachability at a point in time, and the events behind it');
  addAuditUser(group, host);
  addAuditService(group, host);
  addAuditExport(group, host);
}
