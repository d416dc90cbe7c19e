import { Type } from 'typebox';
import { Compile } from 'typebox/schema';
import {
  integer,
  integerOrNull,
  oneOf,
  text,
  textOrNull,
  type SqlRow,
} from '#projections/adapters/columns';
import { JOB_KINDS, JOB_STATUSES, type ProjectionJob } from '../jobs/projection-job.ts';

const count = Type.Integer({ minimum: 0 });

const parameters = Compile(
  Type.Object({
    version: Type.Optional(count),
    restart: Type.Optional(Type.Boolean()),
    event: Type.Optional(Type.Object({ stream: Type.String(), revision: count })),
  }),
);

const progress = Compile(
  Type.Object({ events: count, totalEvents: Type.Union([count, Type.Null()]) }),
);

const difference = Type.Object({
  table: Type.String(),
  key: Type.String(),
  kind: Type.Union([Type.Literal('different'), Type.Literal('missing'), Type.Literal('surplus')]),
  columns: Type.Array(
    Type.Object({ column: Type.String(), live: Type.String(), rebuilt: Type.String() }),
  ),
});

const result = Compile(
  Type.Object({
    version: Type.Optional(count),
    events: Type.Optional(count),
    remaining: Type.Optional(count),
    verification: Type.Optional(
      Type.Object({
        position: Type.Union([Type.String(), Type.Null()]),
        rows: count,
        differences: count,
        shown: Type.Array(difference),
        liveHash: Type.String(),
        rebuiltHash: Type.String(),
        deadLetters: count,
      }),
    ),
  }),
);

/** Returns the job in a row of `projection_jobs`. @throws Error where another program has written it */
export function toJob(row: SqlRow): ProjectionJob {
  const runnerId = textOrNull(row, 'runner');
  const shownProgress = textOrNull(row, 'progress');
  const shownResult = textOrNull(row, 'result');
  return {
    number: integer(row, 'number'),
    sid: text(row, 'sid'),
    projection: text(row, 'projection'),
    kind: oneOf(row, 'kind', JOB_KINDS),
    parameters: parameters.Parse(JSON.parse(text(row, 'parameters'))),
    status: oneOf(row, 'status', JOB_STATUSES),
    requestedBy: text(row, 'requested_by'),
    cancelledBy: textOrNull(row, 'cancelled_by'),
    runner: runnerId === null ? null : { id: runnerId, silenceMs: integer(row, 'silence_ms') },
    heartbeats: integer(row, 'heartbeats'),
    progress: shownProgress === null ? null : progress.Parse(JSON.parse(shownProgress)),
    result: shownResult === null ? null : result.Parse(JSON.parse(shownResult)),
    error: textOrNull(row, 'error'),
    createdAt: integer(row, 'created_at'),
    startedAt: integerOrNull(row, 'started_at'),
    updatedAt: integer(row, 'updated_at'),
    endedAt: integerOrNull(row, 'ended_at'),
  };
}
