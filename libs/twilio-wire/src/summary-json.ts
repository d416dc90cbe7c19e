import {
  formatVersion,
  type Resolution,
  type ServiceRow,
  type SummaryCounts,
  type SummaryPoint,
} from '#read-model';
import { apiUrl, type ViewContext } from './view-context.ts';

interface Summary {
  readonly service: ServiceRow;
  readonly position: string;
  readonly present: SummaryCounts;
  readonly points: ReadonlyMap<Resolution, readonly SummaryPoint[]>;
}

/** Returns the JSON of a Service's summary. Points that were not asked for are null. */
export function summaryJson(
  { service, position, present, points }: Summary,
  { accountSid, origin, epoch }: ViewContext & { readonly epoch: string },
) {
  return {
    account_sid: accountSid,
    service_sid: service.sid,
    reachability_enabled: service.reachabilityEnabled,
    ...countsJson(present),
    version: formatVersion(epoch, position),
    minutes: points.get('minute')?.map(pointJson) ?? null,
    hours: points.get('hour')?.map(pointJson) ?? null,
    url: apiUrl(origin, 'Services', service.sid, 'Reachability', 'Summary'),
  };
}

function pointJson({ time, ...counts }: SummaryPoint) {
  return { time, ...countsJson(counts) };
}

function countsJson(counts: SummaryCounts) {
  return {
    users: counts.users,
    online: counts.online,
    offline: counts.offline,
    unknown: counts.unknown,
    notifiable: counts.notifiable,
    open_connections: counts.openConnections,
  };
}
