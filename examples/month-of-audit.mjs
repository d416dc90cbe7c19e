/**
 * Writes when every User of a Service was online, offline or unknown in one month, as CSV with the event that began each
 * period.
 *
 *     node examples/month-of-audit.mjs --service IS.. --month 2026-11 > november.csv
 */
import { parseArgs } from 'node:util';
import { stringify } from 'csv-stringify/sync';
import { list } from './rest-api.mjs';

const { values } = parseArgs({
  options: { service: { type: 'string' }, month: { type: 'string' } },
});
if (!values.service || !/^\d{4}-\d{2}$/.test(values.month ?? '')) {
  console.error('Pass --service and --month, such as 2026-11');
  process.exit(2);
}
const [year, month] = values.month.split('-').map(Number);
const start = new Date(Date.UTC(year, month - 1)).toISOString();
const end = new Date(Date.UTC(year, month)).toISOString();
const now = new Date().toISOString();
const users = `/v2/Services/${values.service}/Users`;

const state = ({ is_online: isOnline }) =>
  isOnline === null ? 'unknown' : isOnline ? 'online' : 'offline';

const header = [
  'identity',
  'from',
  'until',
  'state',
  'notifiable',
  'reason',
  'event',
  'position',
  'actor',
];
process.stdout.write(stringify([header]));
for await (const { sid, identity } of list(users, 'users')) {
  for await (const period of list(`${users}/${sid}/Reachability/History`, 'history')) {
    // The present period has no end: it is known until now.
    const known = period.until ?? now;
    if (period.from >= end || known <= start) continue;
    const from = period.from < start ? start : period.from;
    const until = known > end ? end : known;
    const { type, position, actor } = period.event;
    const notifiable = period.is_notifiable === null ? 'unknown' : period.is_notifiable;
    process.stdout.write(
      stringify([
        [
          identity,
          from,
          until,
          state(period),
          String(notifiable),
          period.reason_code,
          type,
          position,
          actor,
        ],
      ]),
    );
  }
}
