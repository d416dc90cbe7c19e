import {
  date,
  described,
  flag,
  integer,
  listOf,
  nullable,
  object,
  sid,
  text,
  url,
  withExample,
} from './schema.ts';

const counts = {
  users: described(integer, 'All Users: online, offline and unknown.'),
  online: integer,
  offline: integer,
  unknown: described(integer, 'Users whose `is_online` is null.'),
  notifiable: described(integer, 'Users whose `is_notifiable` is true, online or not.'),
  open_connections: described(integer, 'Also of Users whose answer is null.'),
};

const point = object({
  time: described(date, 'When the minute or hour began. The numbers are those at its end.'),
  ...counts,
});

const SERVICE = 'IS0123456789abcdef0123456789abcdef';
const PRESENT = {
  users: 1_000,
  online: 210,
  offline: 640,
  unknown: 150,
  notifiable: 700,
  open_connections: 245,
};

/** The numbers of a Service's Users. */
export const SUMMARY_SCHEMAS = {
  Summary: withExample(
    object({
      account_sid: sid('AC'),
      service_sid: sid('IS'),
      reachability_enabled: flag,
      ...counts,
      version: described(text, 'The numbers count the log up to here.'),
      minutes: described(
        nullable(listOf(point)),
        'The minutes of the last day in which a number changed, oldest first, after the minute at its beginning.',
      ),
      hours: described(nullable(listOf(point)), 'The same for the hours of 90 days.'),
      url,
    }),
    {
      account_sid: 'AC0123456789abcdef0123456789abcdef',
      service_sid: SERVICE,
      reachability_enabled: true,
      ...PRESENT,
      version: '6f1c…:00000000000000012345',
      minutes: [
        { time: '2026-11-21T14:02:00Z', ...PRESENT, online: 200, offline: 650 },
        { time: '2026-11-22T14:01:00Z', ...PRESENT },
      ],
      hours: [{ time: '2026-11-22T14:00:00Z', ...PRESENT }],
      url: `https://reachability.example.com/v2/Services/${SERVICE}/Reachability/Summary`,
    },
  ),
} as const;
