import { JOB_SCHEMAS } from './job-schemas.ts';
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

const ACCOUNT = 'AC0123456789abcdef0123456789abcdef';
const SERVICE = 'IS0123456789abcdef0123456789abcdef';
const ORIGIN = 'https://reachability.example.com/v2';

const projection = object({
  name: text,
  account_sid: sid('AC'),
  status: described(
    oneOf('ok', 'stuck', 'down'),
    '`stuck`: behind the log, and has not moved for ten seconds. `down`: see `down_reason`.',
  ),
  live_version: described(integer, 'The version that answers reads.'),
  position: described(nullable(text), 'Of the last event that the live version contains.'),
  lag_events: described(integer, 'Events that the live version lacks, 10,000 at most.'),
  lag_is_more: described(flag, 'True where it lacks more than `lag_events`.'),
  lag_ms: described(integer, 'Age of the oldest event that it lacks.'),
  dead_letters: described(integer, 'Events that are set aside, and those that wait for them.'),
  down_reason: nullable(text),
  date_down: nullable(date),
  date_moved: described(nullable(date), 'When the live version last took in events.'),
  versions: listOf(
    object({
      version: integer,
      state: oneOf('live', 'building', 'kept'),
      position: nullable(text),
      dead_letters: integer,
      date_moved: nullable(date),
    }),
  ),
  url,
  links: object({ jobs: url, dead_letters: url }),
});

const node = object({
  node_id: text,
  account_sid: sid('AC'),
  incarnation: described(integer, 'Counts the starts of the node.'),
  status: described(oneOf('running', 'ended'), 'By the log.'),
  lease_status: described(
    oneOf('held', 'expired', 'none'),
    'By the clock of the process that answers. A node that runs without a lease is lost soon.',
  ),
  lease_age_ms: described(nullable(integer), 'For how long no renewal was seen.'),
  connections: described(nullable(integer), 'Connections of sockets at the last renewal.'),
  role: nullable(text),
  program_version: nullable(text),
  date_started: described(nullable(date), 'By the clock of the node.'),
  date_renewed: described(nullable(date), 'By the clock of the node.'),
  url,
});

/** Schemas of the resources for operators. */
export const OPERATIONS_SCHEMAS = {
  Projection: withExample(projection, {
    name: 'users',
    account_sid: ACCOUNT,
    status: 'ok',
    live_version: 2,
    position: '00000000000000104711',
    lag_events: 0,
    lag_is_more: false,
    lag_ms: 0,
    dead_letters: 0,
    down_reason: null,
    date_down: null,
    date_moved: '2026-03-04T05:06:07.890Z',
    versions: [
      {
        version: 1,
        state: 'kept',
        position: '00000000000000098000',
        dead_letters: 0,
        date_moved: '2026-03-01T00:00:00.000Z',
      },
      {
        version: 2,
        state: 'live',
        position: '00000000000000104711',
        dead_letters: 0,
        date_moved: '2026-03-04T05:06:07.890Z',
      },
    ],
    url: `${ORIGIN}/Projections/users`,
    links: {
      jobs: `${ORIGIN}/Projections/users/Jobs`,
      dead_letters: `${ORIGIN}/Projections/users/DeadLetters`,
    },
  }),
  ProjectionList: list('projections', 'Projection'),
  ...JOB_SCHEMAS,
  Node: withExample(node, {
    node_id: 'node-1',
    account_sid: ACCOUNT,
    incarnation: 12,
    status: 'running',
    lease_status: 'held',
    lease_age_ms: 830,
    connections: 1_204,
    role: 'all',
    program_version: '0.1.0',
    date_started: '2026-03-04T05:06:07.890Z',
    date_renewed: '2026-03-04T08:11:09.120Z',
    url: `${ORIGIN}/Nodes/node-1`,
  }),
  NodeList: list('nodes', 'Node'),
  WebhookRetry: withExample(
    object({
      account_sid: sid('AC'),
      service_sid: sid('IS'),
      retried: described(integer, 'Number of dead deliveries that are sent again.'),
    }),
    { account_sid: ACCOUNT, service_sid: SERVICE, retried: 3 },
  ),
} as const satisfies Readonly<Record<string, Schema>>;
