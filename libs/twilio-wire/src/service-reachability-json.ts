import { stalenessBoundMs, watchPolicyOf } from '#domain';
import type { ServiceRow } from '#read-model';
import { apiUrl, type ViewContext } from './view-context.ts';

/** Returns the JSON of a Service's settings that Twilio's Service does not have. */
export function serviceReachabilityJson(
  { sid, settings, reachabilityEnabled }: ServiceRow,
  { accountSid, origin }: ViewContext,
) {
  return {
    account_sid: accountSid,
    service_sid: sid,
    reachability_enabled: reachabilityEnabled,
    grace_seconds: settings.graceSeconds,
    watch_policy: watchPolicyOf(settings),
    staleness_bound_ms: stalenessBoundMs(settings.graceSeconds),
    url: apiUrl(origin, 'Services', sid, 'Reachability'),
  };
}
