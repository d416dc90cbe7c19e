import { stalenessBoundMs } from '#domain';
import { formatVersion, reasonInWords, type ReachabilityAnswer } from '#read-model';
import { apiUrl, type ViewContext } from './view-context.ts';

/** Returns the JSON of the answer about a User. */
export function reachabilityJson(
  user: { readonly sid: string; readonly serviceSid: string; readonly identity: string },
  answer: ReachabilityAnswer,
  { graceSeconds }: { readonly graceSeconds: number },
  { accountSid, origin, epoch }: ViewContext & { readonly epoch: string },
) {
  return {
    sid: user.sid,
    account_sid: accountSid,
    service_sid: user.serviceSid,
    identity: user.identity,
    is_online: answer.isOnline,
    is_notifiable: answer.isNotifiable,
    reason_code: answer.reasonCode,
    reason: reasonInWords(answer),
    since: answer.since,
    last_online: answer.lastOnline,
    open_connections: answer.openConnections,
    version: formatVersion(epoch, answer.position),
    staleness_bound_ms: stalenessBoundMs(graceSeconds),
    url: apiUrl(origin, 'Services', user.serviceSid, 'Users', user.sid, 'Reachability'),
  };
}
