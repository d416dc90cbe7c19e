import { formatVersion, type ReachabilityChange } from '#read-model';
import { answerJson } from './answer-json.ts';

/** What a change is to a follower of its Service. */
export type ChangeType = 'change' | 'gone' | 'service';

/** Returns the type of a change: of an answer, the end of a User, or a change of the Service. */
export function changeType(change: ReachabilityChange): ChangeType {
  if (change.kind === 'service') return 'service';
  return change.answer === null ? 'gone' : 'change';
}

/** Returns the JSON of a change, as the change feed and the CLI show it. */
export function changeJson(change: ReachabilityChange, serviceSid: string, epoch: string) {
  const { at: time, cause } = change;
  const event = cause.type;
  const version = formatVersion(epoch, change.position);
  if (change.kind === 'service') {
    const { reachabilityEnabled, deleted } = change;
    return {
      service_sid: serviceSid,
      reachability_enabled: reachabilityEnabled,
      deleted,
      version,
      time,
      event,
    };
  }
  const { sid, identity, answer } = change;
  const user = { sid, service_sid: serviceSid, identity };
  if (answer === null) return { ...user, version, time, event };
  return { ...user, ...answerJson(answer, epoch), cause: cause.closeCause, time, event };
}
