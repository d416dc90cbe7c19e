import type { Command } from 'commander';
import { RESOLUTIONS } from '#read-model';
import { readServiceSummary } from '#shared/use-cases/summaries';
import { summaryJson } from '#twilio-wire/summary-json';
import { serviceSid } from '../arguments/parsers.ts';
import { usageError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { catchUpSummary } from '../stores/catch-up.ts';
import { viewContext } from '../stores/view-context.ts';

/** `services summary IS`: how many Users of a Service are online, offline, unknown and notifiable. */
export function addSummarizeService(group: Command, host: CommandHost): void {
  group
    .command('summary')
    .description('count the Users of a Service by their answers; with --json also over time')
    .argument('<service>', 'sid of the Service', serviceSid)
    .addHelpText(
      'after',
      '\nExample:\n  $ reachability services summary IS0123456789abcdef0123456789abcdef',
    )
    .action((sid: string, _options: object, command: Command) =>
      host.read(command, async ({ io, settings, stores }) => {
        await catchUpSummary(io, stores);
        const { readModel, events } = stores;
        const resolutions = io.json ? RESOLUTIONS : [];
        const now = new Date().toISOString();
        const summary = await readServiceSummary(readModel.summary, sid, resolutions, now);
        if (summary === null) throw usageError(`There is no Service ${sid}`);
        if (io.json) {
          const context = { ...viewContext(settings), epoch: events.epoch };
          await writeJson(io, summaryJson(summary, context));
        } else {
          const { users, online, offline, unknown, notifiable, openConnections } = summary.present;
          const lines = [
            `${sid}: ${users} Users`,
            `online: ${online}`,
            `offline: ${offline}`,
            `unknown: ${unknown}`,
            `notifiable: ${notifiable}`,
            `open connections: ${openConnections}`,
          ];
          await writeLine(io, lines.join('\n'));
        }
      }),
    );
}
