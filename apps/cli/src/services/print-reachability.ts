import type { ServiceRow } from '#read-model';
import type { Settings } from '#shared/settings/settings';
import { serviceReachabilityJson } from '#twilio-wire/service-reachability-json';
import { writeJson, writeLine, type CommandIo } from '../io/command-io.ts';
import { printable } from '../io/text.ts';
import { viewContext } from '../stores/view-context.ts';

/** Prints the reachability settings of a Service: in the shape of the REST answer, or as lines. */
export async function printReachability(
  io: CommandIo,
  settings: Settings,
  service: ServiceRow,
): Promise<void> {
  const json = serviceReachabilityJson(service, viewContext(settings));
  if (io.json) await writeJson(io, json);
  else {
    const lines = [
      `${service.sid} (${printable(service.settings.friendlyName)})`,
      `reachability: ${json.reachability_enabled ? 'enabled' : 'disabled'}`,
      `grace period: ${json.grace_seconds} s`,
      `watch policy: ${json.watch_policy}`,
    ];
    await writeLine(io, lines.join('\n'));
  }
}
