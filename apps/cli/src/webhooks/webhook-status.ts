import type { Command } from 'commander';
import type { DeliveryCounts, EnqueuerStatus } from '#operational-state';
import { lagOf, type Lag } from '#projections';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { table } from '../io/text.ts';

/** `webhooks status`: how far the enqueuer has processed the log, and the deliveries of each Service by status. */
export function addWebhookStatus(group: Command, host: CommandHost): void {
  group
    .command('status')
    .description(
      'show how far the enqueuer has processed the log, and count the deliveries of each Service by status',
    )
    .addHelpText('after', '\nExample:\n  $ reachability webhooks status --json')
    .action((_options: object, command: Command) =>
      host.read(command, async ({ io, stores: { events, operations } }) => {
        const enqueuer = await operations.webhookEnqueuerStore.status();
        const lag = enqueuer === null ? null : await lagOf(events, enqueuer.position, new Date());
        const services = await operations.webhookQueue.counts();
        if (io.json) await writeJson(io, asJson(enqueuer, lag, services));
        else await writeLine(io, asText(enqueuer, lag, services));
      }),
    );
}

function asJson(
  enqueuer: EnqueuerStatus | null,
  lag: Lag | null,
  services: readonly DeliveryCounts[],
): object {
  return {
    position: enqueuer?.position ?? null,
    moved_at: enqueuer?.movedAt ?? null,
    down_reason: enqueuer?.downReason ?? null,
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
  enqueuer: EnqueuerStatus | null,
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
    progressLine(enqueuer, lag),
    table(['SERVICE', 'PENDING', 'FAILED', 'DELIVERED', 'DEAD'], rows),
  ].join('\n');
}

function progressLine(enqueuer: EnqueuerStatus | null, lag: Lag | null): string {
  if (enqueuer === null || lag === null)
    return 'No worker has run yet. Webhooks start with the first worker.';
  const behind =
    lag.events === 0
      ? 'The webhook enqueuer has processed all events.'
      : `${lag.events}${lag.isTruncated ? '+' : ''} events are not processed yet, the oldest for ${lag.seconds.toFixed(1)} s.`;
  return enqueuer.downReason === null ? behind : `${behind} Down: ${enqueuer.downReason}`;
}
