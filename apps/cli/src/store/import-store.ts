import type { Command } from 'commander';
import { reachabilityRegistry } from '#domain';
import { importFile, type ImportSummary } from '#event-store';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine, type CommandIo } from '../io/command-io.ts';
import { Progress } from '../io/progress.ts';
import { rethrowStoreError } from './store-errors.ts';

interface Options {
  readonly keepUnknownTypes?: boolean;
}

/** `store import FILE`: imports a log that was exported from any store. */
export function addImport(group: Command, host: CommandHost): void {
  group
    .command('import')
    .description('import a log from a file of store export')
    .argument('<file>', 'is checked to its end before anything is written')
    .option('--keep-unknown-types', 'import events of types that this program does not know')
    .addHelpText(
      'after',
      `
The store must be empty, or contain the beginning of the same log: start an interrupted import
again to continue it. No other process should write to the store in the meantime.
Exits with 1 where the file is damaged or the store contains other events.

Example:
  $ reachability store import log.ndjson --data-dir ./copy`,
    )
    .action((file: string, { keepUnknownTypes = false }: Options, command: Command) =>
      host.run(
        command,
        async ({ io, stores: { events: store } }) => {
          const summary = await withImportProgress(io, (onProgress) =>
            importFile(store, file, {
              registry: reachabilityRegistry,
              keepUnknownTypes,
              signal: io.signal,
              onProgress,
            }),
          ).catch(rethrowStoreError(`Cannot import ${file}`));
          await (io.json ? writeJson(io, asJson(summary)) : writeLine(io, asText(summary)));
        },
        { create: true },
      ),
    );
}

type OnProgress = NonNullable<Parameters<typeof importFile>[2]['onProgress']>;

/** Shows two bars, one after the other: checking counts bytes, importing counts events. */
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
  const existing = present === 0 ? '' : `; ${present} existed already`;
  const unknown = Object.entries(unknownTypes).map(
    ([type, count]) => `Unknown type ${type}: ${count} events, imported unchanged`,
  );
  return [`Imported ${written} of ${events} events${existing}`, ...unknown].join('\n');
}
