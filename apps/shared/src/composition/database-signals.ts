import type { Position } from '#event-store';
import { JOBS_TOPIC, QUEUED_TOPIC } from '#operational-state/adapters/postgres/index';
import type { Notifications } from '#postgres';
import { movesTopic } from '#projections/adapters/postgres/live-version';
import { summaryProjection, timelineProjection, usersProjection } from '#read-model';
import { READ_MODEL_SCHEMA } from '#read-model/adapters/read-model-schema';
import type { ChangeSignals, ChangeSource } from '../use-cases/change-signals.ts';

/** Returns the changes that a database tells of, as far as they concern the log named by `epoch`. */
export function databaseSignals(notifications: Notifications, epoch: string): ChangeSignals {
  const moves =
    (projection: string): ChangeSource<Position> =>
    ({ onChange, ...listener }) => {
      const onNotify = (detail: string): void => {
        const [movedIn, position = ''] = detail.split(':');
        if (movedIn === epoch && position !== '') onChange(position);
      };
      notifications.listen(movesTopic(projection, READ_MODEL_SCHEMA), { ...listener, onNotify });
    };
  const told =
    (topic: string): ChangeSource<void> =>
    ({ onChange, ...listener }) =>
      notifications.listen(topic, { ...listener, onNotify: () => onChange() });
  return {
    users: moves(usersProjection.name),
    timeline: moves(timelineProjection.name),
    summary: moves(summaryProjection.name),
    webhooks: told(QUEUED_TOPIC),
    jobs: told(JOBS_TOPIC),
  };
}
