import { formatVersion, type UserExplanation } from '#read-model';
import { printable, yesNo } from '../io/words.ts';
import { evidenceJson, evidenceText } from './evidence-view.ts';

export type Explained = Extract<UserExplanation, { kind: 'explained' }>;

/** An explanation as JSON: the answer as the API's Reachability resource gives it, and its events. */
export function explanationJson(
  { user, service, answer, reason, events }: Explained,
  asOf: string | null,
  epoch: string,
) {
  return {
    sid: user.sid,
    service_sid: service.sid,
    identity: user.identity,
    as_of: asOf,
    is_online: answer.isOnline,
    is_notifiable: answer.isNotifiable,
    reason_code: answer.reasonCode,
    reason,
    since: answer.since,
    last_online: answer.lastOnline,
    open_connections: answer.openConnections,
    bindings: user.bindings.length,
    version: formatVersion(epoch, answer.position),
    events: events.map((event) => ({ because: event.because, ...evidenceJson(event) })),
  };
}

/** An explanation for a person who was not there. */
export function explanationText(
  { user, service, answer, reason, events }: Explained,
  asOf: string | null,
  epoch: string,
): string {
  const lines: readonly (readonly [string, string | null])[] = [
    ['User', `${printable(user.identity)} (${user.sid})`],
    ['Service', `${printable(service.settings.friendlyName)} (${service.sid})`],
    ['As of', asOf ?? 'now'],
    ['Online', yesNo(answer.isOnline)],
    ['Notifiable', `${yesNo(answer.isNotifiable)} (bindings: ${user.bindings.length})`],
    ['Reason', reason],
    ['Since', answer.since],
    ['Last online', answer.lastOnline],
    ['Version', formatVersion(epoch, answer.position)],
  ];
  const summary = lines.flatMap(([title, value]) =>
    value === null ? [] : [`${`${title}:`.padEnd(13)}${value}`],
  );
  const evidence = events.map((event) => `${evidenceText(event)}\n      -> ${event.because}`);
  return [...summary, '', 'The events that made it so, the latest last:', ...evidence].join('\n');
}
