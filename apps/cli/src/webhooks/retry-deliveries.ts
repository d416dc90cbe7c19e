import type { Command } from 'commander';
import type { RetrySelection } from '#operational-state';
import { retryDeliveries } from '#shared/use-cases/webhook-deliveries';
import { serviceSid } from '../arguments/parsers.ts';
import { usageError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';

/** `webhooks retry`: makes dead letters pending again; a running worker sends them. */
export function addRetryDeliveries(group: Command, host: CommandHost): void {
  group
    .command('retry')
    .description(
      'deliver dead letters again, and deliveries that wait for their next attempt at once',
    )
    .argument('[sid]', 'sid of one delivery')
    .option('--service <sid>', 'all deliveries of a Service', serviceSid)
    .addHelpText(
      'after',
      '\nExamples:\n  $ reachability webhooks retry WD...\n  $ reachability webhooks retry --service IS...',
    )
    .action((sid: string | undefined, options: { readonly service?: string }, command: Command) =>
      host.run(command, async ({ io, stores: { operations } }) => {
        const retried = await retryDeliveries(operations, selection(sid, options.service));
        if (retried === 0 && sid !== undefined) throw usageError(`${sid} is not a dead letter`);
        if (io.json) await writeJson(io, { retried });
        else await writeLine(io, `${retried} dead letters will be delivered again`);
      }),
    );
}

function selection(sid: string | undefined, service: string | undefined): RetrySelection {
  if (sid !== undefined && service === undefined) return { sid };
  if (service !== undefined && sid === undefined) return { serviceSid: service };
  throw usageError('Pass either a delivery or --service');
}
