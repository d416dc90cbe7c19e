import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Type } from 'typebox';
import {
  EventRegistry,
  type Aggregate,
  type Decider,
  type DomainEvent,
  type Upcaster,
} from '#domain';
import {
  AggregateCommandHandler,
  exportFile,
  importFile,
  verifyLog,
  type EventStore,
} from '#event-store';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { foldBatch, START, type Projection } from '#projections';
import { collect } from './event-store/samples.ts';

/** Version 1, as the program of last year wrote it: a device by its name, "kind/model". */
type SeenV1 = DomainEvent<'DeviceSeen', { device: string }>;
/** Version 2, as the program of today knows it. */
type Seen = DomainEvent<'DeviceSeen', { kind: string; model: string }>;

const lastYear = new EventRegistry<SeenV1>({
  DeviceSeen: Type.Object({ device: Type.String() }),
});

const toVersion2: Upcaster = ({ device, ...rest }) => {
  const [kind, model] = String(device).split('/');
  return { ...rest, kind, model };
};
const today = new EventRegistry<Seen>(
  { DeviceSeen: Type.Object({ kind: Type.String(), model: Type.String() }) },
  new Map([['DeviceSeen', [toVersion2]]]),
);

type Models = readonly string[];

/** Both programs see a device by adding what the event says to a list. */
function aggregate<Event extends DomainEvent>(
  registry: EventRegistry<Event>,
  inWords: (event: Event) => string,
): Aggregate<Models, Event, Event> {
  const decider: Decider<Models, Event, Event> = {
    initialState: [],
    decide: (event) => [event],
    evolve: (models, event) => [...models, inWords(event)],
  };
  return { decider, registry, snapshotVersion: 1 };
}

const aggregateOfLastYear = aggregate(lastYear, ({ data }) => data.device);
const aggregateOfToday = aggregate(today, ({ data }) => `${data.model} (${data.kind})`);

const projectionOfToday: Projection<Models, Seen> = {
  name: 'models',
  registry: today,
  keyOf: ({ stream }) => stream,
  lookups: () => [],
  evolve: (models, { event }) => [...(models ?? []), event.data.model],
};

const STREAM = 'user-US1';
let folder: string;
let store: EventStore;

async function see<Event extends DomainEvent>(
  aggregateOfThen: Aggregate<Models, Event, Event>,
  commandId: string,
  event: Event,
): Promise<Models> {
  const commands = new AggregateCommandHandler(aggregateOfThen, store, () => new Date(0));
  const context = { commandId, correlationId: 'session', actor: 'cli' };
  return (await commands.handle(STREAM, event, context)).state;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'schema-evolution-'));
  store = await openSqliteEventStore({ path: join(folder, 'events.db') });
  await see(aggregateOfLastYear, 'c1', { type: 'DeviceSeen', data: { device: 'phone/P1' } });
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

describe('An event type whose payload has changed', () => {
  it('is read in its current version by commands, beside events of today', async () => {
    const data = { kind: 'tablet', model: 'T2' };
    const models = await see(aggregateOfToday, 'c2', { type: 'DeviceSeen', data });
    expect(models).toEqual(['P1 (phone)', 'T2 (tablet)']);
  });

  it('stays on disk as it was written, each event in the version of its day', async () => {
    const data = { kind: 'tablet', model: 'T2' };
    await see(aggregateOfToday, 'c2', { type: 'DeviceSeen', data });
    const events = await collect(store.readAll());
    expect(events.map((event) => [event.schemaVersion, event.data])).toEqual([
      [1, { device: 'phone/P1' }],
      [2, { kind: 'tablet', model: 'T2' }],
    ]);
  });

  it('is read in its current version by projections', async () => {
    const events = await collect(store.readAll());
    const none = () => Promise.resolve(new Map<string, Models>());
    const { changes } = await foldBatch(projectionOfToday, none, events, START);
    expect([...changes]).toEqual([[STREAM, ['P1']]]);
  });

  it('is exported and imported as it is on disk, and verified as it is read', async () => {
    const file = join(folder, 'log.ndjson');
    await exportFile(store, file);
    expect(await readFile(file, 'utf8')).toContain(
      '"schemaVersion":1,"data":{"device":"phone/P1"}',
    );
    const copy = await openSqliteEventStore({ path: join(folder, 'copy.db') });
    await importFile(copy, file, { registry: today });
    expect(await collect(copy.readAll())).toEqual(await collect(store.readAll()));
    expect(await verifyLog(copy, { registry: today })).toMatchObject({ events: 1, errors: 0 });
    await copy.close();
  });

  it('is refused by a program that is older than the event, and never half understood', async () => {
    const data = { kind: 'tablet', model: 'T2' };
    await see(aggregateOfToday, 'c2', { type: 'DeviceSeen', data });
    const late = see(aggregateOfLastYear, 'c3', { type: 'DeviceSeen', data: { device: 'x/y' } });
    await expect(late).rejects.toThrow(
      'DeviceSeen has schema version 2; this program knows 1 to 1',
    );
    expect(await verifyLog(store, { registry: lastYear })).toMatchObject({
      errors: 1,
      findings: [{ code: 'schema', revision: 1 }],
    });
  });
});
