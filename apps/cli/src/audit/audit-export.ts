import { Option, type Command } from 'commander';
import type { EventStore } from '#event-store';
import { AUDIT_COLUMNS, toAuditedEvent, auditRecord, type AuditRecord } from '#read-model';
import { logBound, serviceSid, type LogBound } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { matchesFilter } from '../events/event-filter.ts';
import { readWindow } from '../events/log-window.ts';
import type { CommandIo } from '../io/command-io.ts';
import { writeFileOrOutput } from '../io/file-output.ts';
import { Progress } from '../io/progress.ts';
import { csvRecord } from './csv.ts';
import { IdentityCache } from './identity-cache.ts';
import { serviceHistory } from './service-history.ts';

interface ExportOptions {
  readonly from?: LogBound;
  readonly to?: LogBound;
  readonly service?: string;
  readonly format: 'ndjson' | 'csv';
  readonly out?: string;
}

/** `audit export`: every event of a window as one flat row. */
export function addAuditExport(group: Command, host: CommandHost): void {
  group
    .command('export')
    .description('write every event of a window as one flat row')
    .option('--from <bound>', 'first time or position, inclusive', logBound)
    .option('--to <bound>', 'last time or position, inclusive', logBound)
    .option('--service <sid>', 'only this Service and its Users', serviceSid)
    .addOption(
      new Option('--format <format>', 'format of the rows')
        .choices(['ndjson', 'csv'])
        .default('ndjson'),
    )
    .option('--out <file>', 'write to a new file instead of standard output')
    .addHelpText(
      'after',
      `
Columns: ${AUDIT_COLUMNS.join(', ')}.
In CSV, text that a spreadsheet would run as a formula gets a leading apostrophe.

Example:
  $ reachability audit export --from 2026-11-01T00:00:00Z --to 2026-11-30T23:59:59.999Z \\
      --format csv --out november.csv`,
    )
    .action((options: ExportOptions, command: Command) =>
      host.read(command, async ({ io, stores: { events } }) => {
        if (options.service !== undefined) await serviceHistory(events, options.service);
        await writeFileOrOutput(io, options.out, rows(io, events, options));
      }),
    );
}

/** Yields the rows of the export as text. */
async function* rows(
  io: CommandIo,
  log: EventStore,
  { service, format, ...window }: ExportOptions,
): AsyncGenerator<string> {
  const identities = new IdentityCache(log);
  const progress = new Progress(io, { label: 'Exporting', unit: 'events', total: null });
  let count = 0;
  if (format === 'csv') yield csvRecord(AUDIT_COLUMNS);
  try {
    for await (const timed of readWindow(io, log, window)) {
      if (!matchesFilter(service === undefined ? {} : { service }, timed.recorded)) continue;
      const record = auditRecord(
        toAuditedEvent(timed),
        await identities.identityOf(timed.recorded.stream),
      );
      yield format === 'csv' ? asCsv(record) : `${JSON.stringify(record)}\n`;
      count += 1;
      progress.update(count);
    }
  } finally {
    progress.end();
  }
}

function asCsv(record: AuditRecord): string {
  return csvRecord(AUDIT_COLUMNS.map((column) => record[column]));
}
