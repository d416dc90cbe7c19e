import type { Command } from 'commander';
import { reachabilityRegistry } from '#domain';
import { verifyLog, type LogVerification } from '#event-store';
import { positiveInteger } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { EXIT } from '../exit-codes.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { printable } from '../io/text.ts';
import { withLogProgress } from '../io/log-progress.ts';

interface Options {
  readonly show: number;
  readonly keepUnknownTypes?: boolean;
}

/** `store verify`: checks the integrity of the log. */
export function addVerifyStore(group: Command, host: CommandHost): void {
  group
    .command('verify')
    .description('check order, revisions, types, payloads, ids and times of every event')
    .option('--show <count>', 'maximum number of findings to print', positiveInteger, 20)
    .option('--keep-unknown-types', 'do not report events of types that this program does not know')
    .addHelpText(
      'after',
      '\nExits with 1 where the log is damaged. Warnings do not count as damage.\n\nExample:\n  $ reachability store verify',
    )
    .action(({ show, keepUnknownTypes = false }: Options, command: Command) =>
      host.read(command, async ({ io, stores: { events } }) => {
        const registry = reachabilityRegistry;
        const verification = await withLogProgress(io, 'Verifying', (options) =>
          verifyLog(events, { ...options, registry, keepUnknownTypes, limit: show }),
        );
        if (io.json) await writeJson(io, { ok: verification.errors === 0, ...verification });
        else await writeLine(io, asText(verification));
        return verification.errors === 0 ? EXIT.ok : EXIT.failed;
      }),
    );
}

function asText({ events, streams, errors, warnings, findings }: LogVerification): string {
  const lines = findings.map(
    ({ severity, type, stream, revision, position, message }) =>
      `${severity}: ${printable(`${type} at ${stream}@${revision} (position ${position})`)}: ${printable(message)}`,
  );
  const more = errors + warnings - findings.length;
  return [
    ...lines,
    ...(more > 0 ? [`... and ${more} more`] : []),
    `${events} events in ${streams} streams: ${errors} errors, ${warnings} warnings`,
  ].join('\n');
}
