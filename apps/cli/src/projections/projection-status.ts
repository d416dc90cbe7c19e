import type { Command } from 'commander';
import type { ProjectionStatus } from '#projections';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { table } from '../io/text.ts';

/** `projections status`: the state and the lag of each projection. */
export function addStatus(group: Command, host: CommandHost): void {
  group
    .command('status')
    .description('show the state and the lag of each projection, and why it is down')
    .addHelpText('after', '\nExample:\n  $ reachability projections status --json')
    .action((_options: object, command: Command) =>
      host.read(command, async ({ io, stores: { events, readModel } }) => {
        const now = new Date();
        const all = await Promise.all(
          readModel.projections.map((projection) => projection.status(events, now)),
        );
        const head = await events.head();
        if (io.json) await writeJson(io, { head, projections: all.map(asJson) });
        else await writeLine(io, asText(all));
      }),
    );
}

function asJson({ name, live, versions, lag, stuck }: ProjectionStatus): object {
  return {
    name,
    live_version: live.version,
    position: live.position,
    lag_events: lag.events,
    lag_is_more: lag.isTruncated,
    lag_seconds: lag.seconds,
    stuck,
    moved_at: live.movedAt,
    down_reason: live.downReason,
    down_since: live.downSince,
    // Scripts read this name: dead letters, including events that only wait for another.
    held_events: live.deadLetters,
    versions: versions.map(({ version, state, position }) => ({ version, state, position })),
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
