import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '#event-store';
import { ProjectionRunner } from '#projections';
import { usersProjection, type UsersReadModel } from '#read-model';
import { openSqliteReadModel } from '#read-model/adapters/sqlite/index';

/** A read model that advances only when the test tells it to. */
export interface SteppedReadModel {
  readonly users: UsersReadModel;
  /** Advances to the end of the log. */
  catchUp(): Promise<void>;
  close(): void;
}

export function steppedReadModel(log: EventStore): SteppedReadModel {
  const directory = mkdtempSync(join(tmpdir(), 'read-model-'));
  const readModel = openSqliteReadModel(join(directory, 'read-model.db'), log.epoch);
  const rows = readModel.usersVersions.live();
  return {
    users: readModel.users,
    catchUp: async () => {
      const head = await log.head();
      await new Promise<void>((resolve) => {
        const runner = new ProjectionRunner(usersProjection, log, rows, {
          onStatus: ({ position }) => {
            if ((position ?? '') >= (head ?? '')) void runner.stop().then(resolve);
          },
        });
        runner.start();
      });
    },
    close: () => {
      readModel.close();
      rmSync(directory, { recursive: true });
    },
  };
}
