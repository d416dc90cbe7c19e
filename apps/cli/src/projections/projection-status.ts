import type { Command } from 'commander';
import type { ProjectionStatus } from '#projections';
import { listProjections } from '#shared/use-cases/projections';
import { projectionJson } from '#twilio-wire/projection-json';
import type { ViewContext } from '#twilio-wire/view-context';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { table } from '../io/text.ts';
import { viewContext } from '../stores/view-context.ts';

/** `projections status`: the state and the lag of each projection. */
export function addStatus(group: Command, host: CommandHost): void {
  group
    .command('status')
    .description('show the state and the lag of each projection, and why it is down')
    .addHelpText('after', '\nExample:\n  $ reachability projections status --json')
    .action((_options: object, command: Command) =>
      host.read(command, async ({ io, settings, stores }) => {
        const all = await listProjections(stores, new Date());
        const head = await stores.events.head();
        const context = viewContext(settings);
        if (io.json) {
          const projections = all.map((status) => asJson(status, context));
          await writeJson(io, { head, projections });
        } else await writeLine(io, asText(all));
      }),
    );
}

/** The answer of the API, and names that scripts have read since before there was one. */
function asJson(status: ProjectionStatus, context: ViewContext): object {
  const { live, lag, stuck } = status;
  return {
    ...projectionJson(status, context),
    lag_seconds: lag.seconds,
    stuck,
    moved_at: live.movedAt,
    down_since: live.downSince,
    held_events: live.deadLetters,
  };
}

function asText(all: readonly ProjectionStatus[]): string {
  const rows = all.map(({ name, live, versions, lag, stuck }) => [
    name,
    versions.map(({ version, state }) => `v${version} ${state}`).join(', '),
    lag.events === 0
      ? 'none'
      : `${lag.events}${lag.isTruncated ? '+' : ''} events, ${age(lag.seconds)}`,
    live.downReason !== null ? 'down' : stuck ? 'stuck' : 'ok',
    String(live.deadLetters),
  ]);
  const reasons = all.flatMap(({ name, live }) =>
    live.downReason === null
      ? []
      : [`${name} is down since ${live.downSince ?? 'unknown'}: ${live.downReason}`],
  );
  return [
    table(['PROJECTION', 'VERSIONS', 'BEHIND', 'STATE', 'DEAD LETTERS'], rows),
    ...reasons,
  ].join('\n');
}

/** Returns a duration in a unit that is easy to read. */
function age(seconds: number): string {
  const units = [
    ['days', 86_400],
    ['hours', 3_600],
    ['min', 60],
  ] as const;
  const unit = units.find(([, length]) => seconds >= 2 * length);
  return unit === undefined
    ? `${seconds.toFixed(1)} s`
    : `${Math.floor(seconds / unit[1])} ${unit[0]}`;
}
