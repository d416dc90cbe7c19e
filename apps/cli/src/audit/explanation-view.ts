import { formatVersion, type UserExplanation } from '#read-model';
import { labelled, printable, yesNo } from '../io/text.ts';
import { evidenceJson, evidenceText } from './evidence-view.ts';

export type Explanation = Extract<UserExplanation, { kind: 'explained' }>;

/** Returns an explanation as JSON: the answer as in the API's Reachability resource, and its events. */
export function explanationJson(
  { user, service, answer, reason, events }: Explanation,
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

/** Returns an explanation as text. */
export function explanationText(
  { user, service, answer, reason, events }: Explanation,
  asOf: string | null,
  epoch: string,
): string {
  const summary = labelled([
    ['User', `${printable(user.identity)} (${user.sid})`],
    ['Service', `${printable(service.settings.friendlyName)} (${service.sid})`],
    ['As of', asOf ?? 'now'],
    ['Online', yesNo(answer.isOnline)],
    ['Notifiable', `${yesNo(answer.isNotifiable)} (bindings: ${user.bindings.length})`],
    ['Reason', reason],
    ['Since', answer.since],
    ['Last online', answer.lastOnline],
    ['Version', formatVersion(epoch, answer.position)],
  ]);
  const evidence = events.map((event) => `${evidenceText(event)}\n      -> ${event.because}`);
  return [summary, '', 'Events that led to this state, oldest first:', ...evidence].join('\n');
}
