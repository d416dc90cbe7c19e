import { JOB_KINDS, JOB_STATUSES } from '#operational-state';
import {
  date,
  described,
  flag,
  integer,
  listOf,
  nullable,
  object,
  oneOf,
  sid,
  text,
  url,
  withExample,
  type Schema,
} from './schema.ts';
import { list } from './twilio-schemas.ts';

const verification = object({
  position: described(nullable(text), 'Up to where the log was compared.'),
  rows: integer,
  differences: described(integer, 'All of them.'),
  shown: described(
    listOf(
      object({
        table: text,
        key: text,
        kind: described(
          oneOf('different', 'missing', 'surplus'),
          'The last two describe the live version.',
        ),
        columns: listOf(object({ column: text, live: text, rebuilt: text })),
      }),
    ),
    'The first 100 differences at most, without passwords; long values are cut.',
  ),
  live_hash: described(text, 'SHA-256 over all rows.'),
  rebuilt_hash: text,
  dead_letters: integer,
});

const job = object({
  sid: sid('JB'),
  account_sid: sid('AC'),
  projection: text,
  kind: oneOf(...JOB_KINDS),
  status: oneOf(...JOB_STATUSES),
  version: nullable(integer),
  restart: nullable(flag),
  event: nullable(text),
  requested_by: described(text, 'An API key, the account, or a user of the command line.'),
  cancelled_by: described(nullable(text), 'A job that runs ends within a few seconds after that.'),
  runner: described(nullable(text), 'The process that carries it out.'),
  events_done: described(nullable(integer), 'Events that were folded since it was started.'),
  events_total: described(nullable(integer), 'Estimate of how many there will have been.'),
  events_per_second: nullable(integer),
  date_estimated_end: nullable(date),
  result: nullable(
    object({
      version: described(nullable(integer), 'The version that was made live or deleted.'),
      events: described(nullable(integer), 'Events that were folded.'),
      remaining_dead_letters: nullable(integer),
      verification: nullable(verification),
    }),
  ),
  error: described(nullable(text), 'Why it failed.'),
  date_created: date,
  date_started: nullable(date),
  date_updated: date,
  date_ended: nullable(date),
  url,
});

const deadLetter = object({
  projection: text,
  event: described(text, '`<stream>@<revision>`: pass it to a job of the kind `skip`.'),
  stream: text,
  revision: integer,
  position: text,
  type: text,
  error: described(nullable(text), 'Why it could not be folded.'),
  waits: described(flag, 'True where it only waits for an earlier event.'),
  date_effective: date,
});

const JOB = 'JB0123456789abcdef0123456789abcdef';
const USER = 'user-US0123456789abcdef0123456789abcdef';

/** Schemas of jobs on projections, and of the dead letters that they are about. */
export const JOB_SCHEMAS = {
  ProjectionJob: withExample(job, {
    sid: JOB,
    account_sid: 'AC0123456789abcdef0123456789abcdef',
    projection: 'users',
    kind: 'rebuild',
    status: 'running',
    version: null,
    restart: null,
    event: null,
    requested_by: 'key:SK0123456789abcdef0123456789abcdef',
    cancelled_by: null,
    runner: 'machine-2:4711:1f2e3d4c',
    events_done: 640_000,
    events_total: 1_004_711,
    events_per_second: 41_300,
    date_estimated_end: '2026-03-04T05:06:39.120Z',
    result: null,
    error: null,
    date_created: '2026-03-04T05:06:14.500Z',
    date_started: '2026-03-04T05:06:14.800Z',
    date_updated: '2026-03-04T05:06:30.300Z',
    date_ended: null,
    url: `https://reachability.example.com/v2/Projections/users/Jobs/${JOB}`,
  }),
  ProjectionJobList: list('jobs', 'ProjectionJob'),
  DeadLetter: withExample(deadLetter, {
    projection: 'users',
    event: `${USER}@7`,
    stream: USER,
    revision: 7,
    position: '00000000000000104711',
    type: 'UserUpdated',
    error: 'users cannot fold UserUpdated: identity is missing',
    waits: false,
    date_effective: '2026-03-04T05:06:07.890Z',
  }),
  DeadLetterList: list('dead_letters', 'DeadLetter'),
} as const satisfies Readonly<Record<string, Schema>>;
