import type { Command } from 'commander';
import type { RetrySelection } from '#operational-state';
import { serviceSid } from '../arguments/parsers.ts';
import { usageError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { withStores } from '../stores/with-stores.ts';

/** How long what is retried is attempted, in milliseconds: as long as when it was new. */
const ATTEMPTED_FOR_MS = 24 * 3_600_000;

/** `webhooks retry`: makes dead letters deliveries again; a running worker sends them. */
export function addRetryDeliveries(group: Command, host: CommandHost): void {
  group
    .command('retry')
    .description('deliver dead letters after all, and what waits for its next attempt at once')
    .argument('[sid]', 'one delivery')
    .option('--service <sid>', 'all of a Service', serviceSid)
    .addHelpText(
      'after',
      '\nExamples:\n  $ reachability webhooks retry WD...\n  $ reachability webhooks retry --service IS...',
    )
    .action((sid: string | undefined, options: { readonly service?: string }, command: Command) =>
      host.run(command, (io, settings) =>
        withStores(settings, async ({ operations }) => {
          const now = Date.now();
          const which = whichOf(sid, options.service);
          const retried = await operations.webhookQueue.retry(which, now, now + ATTEMPTED_FOR_MS);
          if (retried === 0 && sid !== undefined) throw usageError(`${sid} is no dead letter`);
          if (io.json) await writeJson(io, { retried });
          else await writeLine(io, `${retried} dead letters will be delivered again`);
          return undefined;
        }),
      ),
    );
}

function whichOf(sid: string | undefined, service: string | undefined): RetrySelection {
  if (sid !== undefined && service === undefined) return { sid };
  if (service !== undefined && sid === undefined) return { serviceSid: service };
  throw usageError('Name either a delivery or a Service');
}
