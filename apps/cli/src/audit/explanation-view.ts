import { formatVersion, type UserExplanation } from '#read-model';
import { evidenceJson } from '#twilio-wire/event-json';
import { reachabilityJson } from '#twilio-wire/reachability-json';
import type { ViewContext } from '#twilio-wire/view-context';
import { labelled, printable, yesNo } from '../io/text.ts';
import { evidenceText } from './evidence-view.ts';

export type Explanation = Extract<UserExplanation, { kind: 'explained' }>;

/** Returns an explanation as JSON, in the shape of the API's Explanation resource. */
export function explanationJson(
  { user, service, answer, events }: Explanation,
  asOf: string | null,
  context: ViewContext & { readonly epoch: string },
) {
  const { url, ...reachability } = reachabilityJson(user, answer, service.settings, context);
  return {
    ...reachability,
    as_of: asOf,
    bindings: user.bindings.length,
    events: evidenceJson(events),
    url: `${url}/Explanation`,
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
