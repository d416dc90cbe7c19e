import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { serviceAggregate, serviceStream } from '#domain';
import { seedStore } from '#history-seeder';
import { AggregateCommandHandler } from '#event-store';
import { catchUp, verify } from '#projections';
import { integer } from '#projections/adapters/columns';
import { timelineProjection } from '#read-model';
import { InMemoryEventStore } from '../../../../../../test/support/in-memory-event-store.ts';
import {
  context,
  create,
  NOW,
  SERVICE_SID,
  streamOf,
  userCommands,
} from '../../../../../../test/support/user-commands.ts';
import { openSqliteReadModel, type SqliteReadModel } from '../index.ts';

describe('The tables of the timeline', () => {
  let directory: string;
  let readModel: SqliteReadModel;
  const log = () => new InMemoryEventStore();

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'timeline-'));
    readModel = openSqliteReadModel(join(directory, 'read-model.db'), 'in-memory');
  });
  afterEach(() => {
    readModel.close();
    rmSync(directory, { recursive: true });
  });

  const count = (table: string): number => {
    const db = new DatabaseSync(join(directory, 'read-model.db.timeline@v1'), { readOnly: true });
    const { rows } = db.prepare(`SELECT count(*) AS rows FROM ${table}`).get() ?? {};
    db.close();
    return integer({ rows: rows ?? null }, 'rows');
  };

  it('get one row for a flag change of a Service, however many Users it has', async () => {
    const events = log();
    const users = userCommands(events);
    const services = new AggregateCommandHandler(serviceAggregate, events, () => new Date(NOW));
    const stream = serviceStream(SERVICE_SID);
    const made = { type: 'CreateService', serviceSid: SERVICE_SID, friendlyName: 'S' } as const;
    await services.handle(stream, made, context('service'));
    for (let n = 0; n < 20; n += 1) {
      await users.handle(streamOf(`user ${n}`), create(`user ${n}`), context(`user ${n}`));
    }
    const rows = readModel.timelineVersions.live();
    await catchUp(timelineProjection, events, rows);
    const counts = () => ['user_facts', 'service_facts', 'users', 'heads'].map(count);
    const before = counts();

    await services.handle(stream, { type: 'EnableReachability' }, context('enable'));
    await catchUp(timelineProjection, events, rows);
    expect(before).toEqual([20, 1, 20, 1]);
    expect(counts()).toEqual([20, 2, 20, 1]);
  });

  it('are the same however the log is split into transactions', async () => {
    const events = log();
    await seedStore(events, { users: 30, events: 1_500, seed: 3 });
    const rows = readModel.timelineVersions.live();
    const options = { batchSize: 50, cacheSize: 7, commitEvents: 100 };
    await catchUp(timelineProjection, events, rows, options);
    const versions = readModel.timelineVersions;
    const verified = await verify(timelineProjection, events, versions, 5, { batchSize: 400 });
    expect(verified.shown).toEqual([]);
    expect(verified.liveHash).toBe(verified.rebuiltHash);
    expect(verified.rows).toBeGreaterThan(1_000);
  });
});
