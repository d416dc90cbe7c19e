import { InvalidArgumentError, type Command } from 'commander';
import { DELIVERY_STATUSES, type Delivery, type DeliveryStatus } from '#operational-state';
import { webhookDeliveryJson } from '#twilio-wire/webhook-delivery-json';
import { positiveInteger, serviceSid } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { printable, table } from '../io/text.ts';
import { viewContext } from '../stores/view-context.ts';

interface Options {
  readonly service?: string;
  readonly status?: DeliveryStatus;
  readonly limit: number;
}

const DEFAULT_LIMIT = 50;

/** `webhooks list`: deliveries, newest first. */
export function addListDeliveries(group: Command, host: CommandHost): void {
  group
    .command('list')
    .description('list deliveries, newest first')
    .option('--service <sid>', 'only deliveries of this Service', serviceSid)
    .option(
      '--status <status>',
      `only this status: ${DELIVERY_STATUSES.join(', ')}`,
      deliveryStatus,
    )
    .option('--limit <n>', 'maximum number of deliveries to list', positiveInteger, DEFAULT_LIMIT)
    .addHelpText('after', '\nExample:\n  $ reachability webhooks list --status dead')
    .action(({ service, status, limit }: Options, command: Command) =>
      host.read(command, async ({ io, settings, stores: { operations } }) => {
        const filter = {
          ...(service === undefined ? {} : { serviceSid: service }),
          ...(status === undefined ? {} : { status }),
        };
        const { rows } = await operations.webhookQueue.list(filter, { after: null }, limit);
        const context = viewContext(settings);
        if (io.json) {
          const deliveries = rows.map((delivery) => webhookDeliveryJson(delivery, context));
          await writeJson(io, { deliveries });
        } else await writeLine(io, asTable(rows));
      }),
    );
}

function asTable(deliveries: readonly Delivery[]): string {
  return table(
    ['SID', 'SERVICE', 'EVENT', 'STATUS', 'ATTEMPTS', 'CODE', 'UPDATED', 'ERROR'],
    deliveries.map(
      ({
        sid,
        serviceSid: service,
        eventType,
        status,
        attempts,
        responseCode,
        updatedAt,
        error,
      }) => [
        sid,
        service,
        eventType,
        status,
        String(attempts),
        String(responseCode ?? '-'),
        new Date(updatedAt).toISOString(),
        printable(error ?? ''),
      ],
    ),
  );
}

/** Parses a delivery status. @throws InvalidArgumentError */
function deliveryStatus(value: string): DeliveryStatus {
  const status = DELIVERY_STATUSES.find((known) => known === value);
  if (status !== undefined) return status;
  throw new InvalidArgumentError(`Must be one of ${DELIVERY_STATUSES.join(', ')}.`);
}
