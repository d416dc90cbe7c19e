import type { Command } from 'commander';
import { hasReached } from '#event-store';
import type { RowDifference, VerificationResult } from '#projections';
import { withoutPasswords } from '#shared/use-cases/projection-jobs/without-passwords';
import { positiveInteger } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { EXIT } from '../exit-codes.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { withEventProgress } from './event-progress.ts';
import { namedProjection } from './named-projection.ts';
import { rethrowProjectionError } from './rebuild-projection.ts';

interface Options {
  readonly show: number;
}

/** `projections verify NAME`: compares the live version with a rebuild. */
export function addVerify(group: Command, host: CommandHost): void {
  group
    .command('verify')
    .description('rebuild into a temporary store and compare it with the live version, row by row')
    .argument('<name>', 'users, timeline or summary')
    .option('--show <count>', 'maximum number of differences to print', positiveInteger, 20)
    .addHelpText(
      'after',
      '\nExits with 1 where there are differences.\n\nExample:\n  $ reachability projections verify users',
    )
    .action((name: string, { show }: Options, command: Command) =>
      host.read(command, async ({ io, stores }) => {
        const projection = namedProjection(stores, name);
        const head = await stores.events.head();
        const verified = await withEventProgress(io, stores.events, 'Verifying', (options) =>
          projection.verify(stores.events, show, options),
        ).catch(rethrowProjectionError);
        if (io.json) await writeJson(io, asJson(name, verified));
        else await writeLine(io, asText(name, verified));
        if (!hasReached(verified.position, head)) {
          io.note(
            `${name} is behind the log: only the events before its checkpoint were compared\n`,
          );
        }
        return verified.differences === 0 ? EXIT.ok : EXIT.failed;
      }),
    );
}

function asJson(name: string, verified: VerificationResult): object {
  const { events, rows, position, differences, shown, deadLetters, liveHash, rebuiltHash } =
    verified;
  return {
    name,
    position,
    events,
    rows,
    live_hash: liveHash,
    rebuilt_hash: rebuiltHash,
    // Scripts read this name: the dead letters.
    held_events: deadLetters,
    differences,
    shown: shown.map(withoutPasswords),
  };
}

function asText(name: string, verified: VerificationResult): string {
  const { events, rows, differences, shown, deadLetters, liveHash, rebuiltHash } = verified;
  const compared = `${name}: compared ${rows} rows with a rebuild from ${events} events`;
  const held =
    deadLetters === 0
      ? []
      : [`${deadLetters} events are dead letters; see projections dead-letters`];
  if (differences === 0) {
    return [compared, `No differences. SHA-256 over all rows: ${liveHash}`, ...held].join('\n');
  }
  const more = differences > shown.length ? [`... and ${differences - shown.length} more`] : [];
  return [
    compared,
    `${differences} rows differ (live ${liveHash.slice(0, 12)}, rebuilt ${rebuiltHash.slice(0, 12)}):`,
    ...shown.map(withoutPasswords).flatMap(differenceLines),
    ...more,
    ...held,
  ].join('\n');
}

function differenceLines({ table, key, kind, columns }: RowDifference): string[] {
  if (kind === 'missing') return [`- ${table} ${key}: missing`];
  if (kind === 'surplus') return [`- ${table} ${key}: not in the log`];
  return [
    `- ${table} ${key}:`,
    ...columns.map(({ column, live, rebuilt }) => `    ${column} is ${live}, must be ${rebuilt}`),
  ];
}
