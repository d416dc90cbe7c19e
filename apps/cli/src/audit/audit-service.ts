import type { Command } from 'commander';
import {
  serviceChanges,
  type ServiceChange,
  type ServiceChanges,
  type SettingChange,
} from '#read-model';
import { auditedEventJson } from '#twilio-wire/event-json';
import { serviceSid } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { printable } from '../io/text.ts';
import { catchUp } from '../stores/catch-up.ts';
import { evidenceText } from './evidence-view.ts';
import { keyHistories, serviceHistory } from './service-history.ts';

/** `audit service`: every change of a Service, its settings, and the API keys that are limited to it. */
export function addAuditService(group: Command, host: CommandHost): void {
  group
    .command('service')
    .description(
      'show every change of a Service, its settings and its API keys: who, where from, and when',
    )
    .argument('<service>', 'sid of the Service', serviceSid)
    .addHelpText(
      'after',
      `
The keys are those that are limited to some Services, with this one among them.
Passwords in URLs are masked.

Example:
  $ reachability audit service IS0123456789abcdef0123456789abcdef`,
    )
    .action((sid: string, _options: object, command: Command) =>
      host.read(command, async ({ io, stores }) => {
        const ofService = await serviceHistory(stores.events, sid);
        await catchUp(io, stores);
        const ofKeys = await keyHistories(stores, sid);
        const history = serviceChanges([...ofService, ...ofKeys]);
        if (io.json) await writeJson(io, historyJson(sid, history));
        else await writeLine(io, historyText(sid, history));
      }),
    );
}

function historyJson(sid: string, { state, changes }: ServiceChanges) {
  return {
    service_sid: sid,
    reachability_enabled: state.status === 'active' && state.reachabilityEnabled,
    deleted: state.status === 'deleted',
    changes: changes.map((change) => ({
      ...auditedEventJson(change),
      settings: change.settings.map(({ onlyPassword, ...values }) => ({
        ...values,
        only_password: onlyPassword,
      })),
    })),
  };
}

function historyText(sid: string, history: ServiceChanges): string {
  const { reachability_enabled: enabled, deleted } = historyJson(sid, history);
  const flag = enabled ? 'reachability is enabled' : 'reachability is disabled';
  return [
    `Service ${sid}: ${deleted ? 'deleted' : flag}`,
    ...history.changes.flatMap(changeLines),
  ].join('\n');
}

function changeLines(change: ServiceChange): string[] {
  return [evidenceText(change), ...change.settings.map(settingLine)];
}

function settingLine({ setting, before, after, onlyPassword }: SettingChange): string {
  const [old, current] = [before, after].map((value) => printable(JSON.stringify(value)));
  const values = onlyPassword
    ? `another password in ${current ?? ''}`
    : `${old ?? ''} -> ${current ?? ''}`;
  return `      ${printable(setting)}: ${values}`;
}
