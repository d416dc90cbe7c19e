import type { Command } from 'commander';
import type { CommandHost } from '../command-host.ts';
import { addListDeliveries } from './list-deliveries.ts';
import { addRetryDeliveries } from './retry-deliveries.ts';
import { addWebhookStatus } from './webhook-status.ts';

/** `reachability webhooks ...` */
export function addWebhooks(program: Command, host: CommandHost): void {
  const group = program.command('webhooks').description('deliveries to the webhooks of Services');
  addWebhookStatus(group, host);
  addListDeliveries(group, host);
  addRetryDeliveries(group, host);
}
