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

/** Version 1, written by the old program: the name of a device, "kind/model". */
type SeenV1 = DomainEvent<'DeviceSeen', { device: string }>;
/** Version 2, of the new program. */
type Seen = DomainEvent<'DeviceSeen', { kind: string; model: string }>;

const oldRegistry = new EventRegistry<SeenV1>({
  DeviceSeen: Type.Object({ device: Type.String() }),
});

const toVersion2: Upcaster = ({ device, ...rest }) => {
  const [kind, model] = String(device).split('/');
  return { ...rest, kind, model };
};
const newRegistry = new EventRegistry<Seen>(
  { DeviceSeen: Type.Object({ kind: Type.String(), model: Type.String() }) },
  new Map([['DeviceSeen', [toVersion2]]]),
);

type Models = readonly string[];

/** An aggregate whose state is the list of devices, as text. */
function aggregate<Event extends DomainEvent>(
  registry: EventRegistry<Event>,
  describeDevice: (event: Event) => string,
): Aggregate<Models, Event, Event> {
  const decider: Decider<Models, Event, Event> = {
    initialState: [],
    decide: (event) => [event],
    evolve: (models, event) => [...models, describeDevice(event)],
  };
  return { decider, registry, snapshotVersion: 1 };
}

const oldAggregate = aggregate(oldRegistry, ({ data }) => data.device);
const newAggregate = aggregate(newRegistry, ({ data }) => `${data.model} (${data.kind})`);

const newProjection: Projection<Models, Seen> = {
  name: 'models',
  registry: newRegistry,
  keyOf: ({ stream }) => stream,
  lookups: () => [],
  evolve: (models, { event }) => [...(models ?? []), event.data.model],
};

const STREAM = 'user-US1';
let folder: string;
let store: EventStore;

async function addDevice<Event extends DomainEvent>(
  aggregateOfVersion: Aggregate<Models, Event, Event>,
  commandId: string,
  event: Event,
): Promise<Models> {
  const commands = new AggregateCommandHandler(aggregateOfVersion, store, () => new Date(0));
  const context = { commandId, correlationId: 'session', actor: 'cli' };
  return (await commands.handle(STREAM, event, context)).state;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'schema-evolution-'));
  store = await openSqliteEventStore({ path: join(folder, 'events.db') });
  await addDevice(oldAggregate, 'c1', { type: 'DeviceSeen', data: { device: 'phone/P1' } });
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

describe('An event type whose payload has changed', () => {
  it('is read in its current version by commands, together with new events', async () => {
    const data = { kind: 'tablet', model: 'T2' };
    const models = await addDevice(newAggregate, 'c2', { type: 'DeviceSeen', data });
    expect(models).toEqual(['P1 (phone)', 'T2 (tablet)']);
  });

  it('keeps the version in which it was written on disk', async () => {
    const data = { kind: 'tablet', model: 'T2' };
    await addDevice(newAggregate, 'c2', { type: 'DeviceSeen', data });
    const events = await collect(store.readAll());
    expect(events.map((event) => [event.schemaVersion, event.data])).toEqual([
      [1, { device: 'phone/P1' }],
      [2, { kind: 'tablet', model: 'T2' }],
    ]);
  });

  it('is read in its current version by projections', async () => {
    const events = await collect(store.readAll());
    const none = () => Promise.resolve(new Map<string, Models>());
    const { changes } = await foldBatch(newProjection, none, events, START);
    expect([...changes]).toEqual([[STREAM, ['P1']]]);
  });

  it('is exported and imported in its stored version, and verified in its current one', async () => {
    const file = join(folder, 'log.ndjson');
    await exportFile(store, file);
    expect(await readFile(file, 'utf8')).toContain(
      '"schemaVersion":1,"data":{"device":"phone/P1"}',
    );
    const copy = await openSqliteEventStore({ path: join(folder, 'copy.db') });
    await importFile(copy, file, { registry: newRegistry });
    expect(await collect(copy.readAll())).toEqual(await collect(store.readAll()));
    expect(await verifyLog(copy, { registry: newRegistry })).toMatchObject({
      events: 1,
      errors: 0,
    });
    await copy.close();
  });

  it('is rejected by a program older than the event', async () => {
    const data = { kind: 'tablet', model: 'T2' };
    await addDevice(newAggregate, 'c2', { type: 'DeviceSeen', data });
    const late = addDevice(oldAggregate, 'c3', { type: 'DeviceSeen', data: { device: 'x/y' } });
    await expect(late).rejects.toThrow(
      'DeviceSeen has schema version 2; this program knows 1 to 1',
    );
    expect(await verifyLog(store, { registry: oldRegistry })).toMatchObject({
      errors: 1,
      findings: [{ code: 'schema', revision: 1 }],
    });
  });
});
