import type { Command } from 'commander';
import type { DeliveryCounts, EnqueuerStatus } from '#operational-state';
import { lagOf, type Lag } from '#projections';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { table } from '../io/table.ts';
import { withStores } from '../stores/with-stores.ts';

/** `webhooks status`: how far the log has been taken in, and what each Service has waiting. */
export function addWebhookStatus(group: Command, host: CommandHost): void {
  group
    .command('status')
    .description('how far the log has been taken in, and what each Service has waiting')
    .addHelpText('after', '\nExample:\n  $ reachability webhooks status --json')
    .action((_options: object, command: Command) =>
      host.run(command, (io, settings) =>
        withStores(settings, async ({ events, operations }) => {
          const intake = await operations.webhookEnqueuerStore.status();
          const lag = intake === null ? null : await lagOf(events, intake.position, new Date());
          const services = await operations.webhookQueue.counts();
          if (io.json) await writeJson(io, asJson(intake, lag, services));
          else await writeLine(io, asText(intake, lag, services));
          return undefined;
        }),
      ),
    );
}

function asJson(
  intake: EnqueuerStatus | null,
  lag: Lag | null,
  services: readonly DeliveryCounts[],
): object {
  return {
    position: intake?.position ?? null,
    moved_at: intake?.movedAt ?? null,
    down_reason: intake?.downReason ?? null,
    lag_events: lag?.events ?? null,
    lag_seconds: lag?.seconds ?? null,
    services: services.map(({ serviceSid, pending, delivered, failed, dead, oldestOpenAt }) => ({
      service_sid: serviceSid,
      pending,
      failed,
      delivered,
      dead,
      oldest_open: oldestOpenAt === null ? null : new Date(oldestOpenAt).toISOString(),
    })),
  };
}

function asText(
  intake: EnqueuerStatus | null,
  lag: Lag | null,
  services: readonly DeliveryCounts[],
): string {
  const rows = services.map(({ serviceSid, pending, failed, delivered, dead }) => [
    serviceSid,
    String(pending),
    String(failed),
    String(delivered),
    String(dead),
  ]);
  return [
    intakeLine(intake, lag),
    table(['SERVICE', 'PENDING', 'FAILED', 'DELIVERED', 'DEAD'], rows),
  ].join('\n');
}

function intakeLine(intake: EnqueuerStatus | null, lag: Lag | null): string {
  if (intake === null || lag === null)
    return 'No worker has run yet: webhooks begin with the first.';
  const behind =
    lag.events === 0
      ? 'Everything in the log has been taken in.'
      : `${lag.events}${lag.more ? '+' : ''} events have not been taken in, the oldest for ${lag.seconds.toFixed(1)} s.`;
  return intake.downReason === null ? behind : `${behind} Down: ${intake.downReason}`;
}
