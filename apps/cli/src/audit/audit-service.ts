import type { Command } from 'commander';
import { flagHistory, type AuditedEvent } from '#read-model';
import { serviceSid } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { evidenceJson, evidenceText } from './evidence-view.ts';
import { serviceHistory } from './service-history.ts';

/** `audit service`: the changes of a Service's reachability flag. */
export function addAuditService(group: Command, host: CommandHost): void {
  group
    .command('service')
    .description('show who enabled and disabled reachability for a Service, and when')
    .argument('<service>', 'sid of the Service', serviceSid)
    .addHelpText(
      'after',
      '\nExample:\n  $ reachability audit service IS0123456789abcdef0123456789abcdef',
    )
    .action((sid: string, _options: object, command: Command) =>
      host.run(command, async ({ io, stores: { events } }) => {
        const changes = flagHistory(await serviceHistory(events, sid));
        if (io.json) await writeJson(io, historyJson(sid, changes));
        else await writeLine(io, historyText(sid, changes));
      }),
    );
}

function historyJson(sid: string, changes: readonly AuditedEvent[]) {
  const latest = changes.at(-1)?.event.type;
  return {
    service_sid: sid,
    reachability_enabled: latest === 'ReachabilityEnabled',
    deleted: latest === 'ServiceDeleted',
    changes: changes.map(evidenceJson),
  };
}

function historyText(sid: string, changes: readonly AuditedEvent[]): string {
  const { reachability_enabled: enabled, deleted } = historyJson(sid, changes);
  const flag = enabled ? 'reachability is enabled' : 'reachability is disabled';
  return [
    `Service ${sid}: ${deleted ? 'deleted' : flag}`,
    ...changes.map((change) => evidenceText(change)),
  ].join('\n');
}
