import type { Command } from 'commander';
import { reachabilityRegistry } from '#domain';
import { importFile, type ImportSummary } from '#event-store';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine, type CommandIo } from '../io/command-io.ts';
import { Progress } from '../io/progress.ts';
import { withStores } from '../stores/with-stores.ts';
import { asStoreFailure } from './failures.ts';

interface Options {
  readonly keepUnknownTypes?: boolean;
}

/** `store import FILE`: takes over a log that was exported, from whatever store. */
export function addImport(group: Command, host: CommandHost): void {
  group
    .command('import')
    .description('take over a log that store export wrote')
    .argument('<file>', 'is read and checked to its end before anything is written')
    .option('--keep-unknown-types', 'take over events of types that this program does not know')
    .addHelpText(
      'after',
      `
The store must be empty, or hold the beginning of the same log: an import that was interrupted
goes on when it is started again. Nothing else should write to the store meanwhile.
Exits with 1 where the file is damaged or the store holds something else.

Example:
  $ reachability store import log.ndjson --data-dir ./copy`,
    )
    .action((file: string, { keepUnknownTypes = false }: Options, command: Command) =>
      host.run(command, (io, settings) =>
        withStores(
          settings,
          async ({ events: store }) => {
            const summary = await withImportProgress(io, (onProgress) =>
              importFile(store, file, {
                registry: reachabilityRegistry,
                keepUnknownTypes,
                signal: io.signal,
                onProgress,
              }),
            ).catch(asStoreFailure(`Cannot import ${file}`));
            await (io.json ? writeJson(io, asJson(summary)) : writeLine(io, asText(summary)));
            return undefined;
          },
          { create: true },
        ),
      ),
    );
}

type OnProgress = NonNullable<Parameters<typeof importFile>[2]['onProgress']>;

/** Two bars, one after the other: what is checked is counted in bytes, what is written in events. */
async function withImportProgress<T>(
  io: CommandIo,
  work: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
  let shown: { readonly phase: string; readonly progress: Progress } | null = null;
  try {
    return await work(({ phase, done, total }) => {
      if (shown?.phase !== phase) {
        shown?.progress.end();
        const label = phase === 'check' ? 'Checking' : 'Importing';
        const unit = phase === 'check' ? 'bytes' : 'events';
        shown = { phase, progress: new Progress(io, { label, unit, total }) };
      }
      shown.progress.update(done);
    });
  } finally {
    endOf(shown);
  }
}

function endOf(shown: { readonly progress: Progress } | null): void {
  shown?.progress.end();
}

function asJson({ events, present, written, unknownTypes }: ImportSummary): object {
  return { events, present, written, unknown_types: unknownTypes };
}

function asText({ events, present, written, unknownTypes }: ImportSummary): string {
  const there = present === 0 ? '' : `; ${present} were there already`;
  const unknown = Object.entries(unknownTypes).map(
    ([type, count]) => `Unknown type ${type}: ${count} events, kept as they are`,
  );
  return [`Imported ${written} of ${events} events${there}`, ...unknown].join('\n');
}
