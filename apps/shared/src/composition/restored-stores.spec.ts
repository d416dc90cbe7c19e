import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LogRestoredError, type Position, type SeenEvent } from '#event-store';
import { START, type Checkpoint } from '#projections';
import { newEvents, newStream } from '../../../../test/contract/event-store/samples.ts';
import { readSettings } from '../settings/settings.ts';
import { openReadOnlyStores } from './read-only-stores.ts';
import { eventsFile, openEventStore } from './event-stores.ts';
import { openStores, type Stores } from './stores.ts';

const NOW = Date.parse('2026-03-04T05:00:00.000Z');
const NO_CHANGES = {
  clearedServices: new Set<string>(),
  users: new Map(),
  targets: new Map(),
  deliveries: [],
  now: NOW,
};
const CLAIM = {
  id: 'key',
  fingerprint: 'request',
  owner: 'attempt',
  claimedUntil: NOW + 1_000,
  expiresAt: NOW + 60_000,
};

type Follower = 'users' | 'timeline' | 'summary' | 'webhooks';

describe('The stores of a log', () => {
  let directory: string;
  let copy: string;
  let lines: string[];
  const opened: Stores[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'restored-stores-'));
    copy = join(directory, 'copy.db');
    lines = [];
  });
  afterEach(async () => {
    await closeAll();
    rmSync(directory, { recursive: true });
  });

  const settings = (env: NodeJS.ProcessEnv = {}) => readSettings({ DATA_DIR: directory, ...env });

  async function open(env: NodeJS.ProcessEnv = {}): Promise<Stores> {
    const stores = await openStores(settings(env), (line) => lines.push(line));
    opened.push(stores);
    return stores;
  }

  async function closeAll(): Promise<void> {
    for (const stores of opened.splice(0)) await stores.close();
  }

  /** Appends events and returns the last one. */
  async function append(count: number): Promise<SeenEvent> {
    const { events } = opened.at(-1) ?? (await open());
    const added = newEvents(count);
    const { position } = await events.append(newStream(), 'no_stream', added);
    return { position, id: added.at(-1)?.id ?? '' };
  }

  const at = (lastEvent: SeenEvent): Checkpoint => ({
    ...START,
    position: lastEvent.position,
    lastEvent,
  });

  async function follow(follower: Follower, lastEvent: SeenEvent): Promise<void> {
    const { readModel, operations, events } = opened.at(-1) ?? (await open());
    if (follower === 'webhooks') {
      const store = operations.webhookEnqueuerStore;
      await store.begin(events.epoch, null);
      expect(await store.commit(START, at(lastEvent), NO_CHANGES)).toBe(true);
    } else {
      const rows = readModel[`${follower}Versions`].live();
      expect(await rows.commit(START, at(lastEvent), new Map())).toBe(true);
    }
  }

  async function copyLog(): Promise<void> {
    await closeAll();
    cpSync(eventsFile(directory), copy);
  }

  async function putBack(): Promise<void> {
    await closeAll();
    cpSync(copy, eventsFile(directory));
  }

  /** Appends to the copy of the log, where nobody follows it. */
  async function appendUnseen(count: number): Promise<Position> {
    const events = await openEventStore(settings());
    const { position } = await events.append(newStream(), 'no_stream', newEvents(count));
    await events.close();
    return position;
  }

  it.each(['users', 'timeline', 'summary', 'webhooks'] as const)(
    'get a new epoch where only %s is beyond the end of the log',
    async (follower) => {
      const kept = await append(1);
      await copyLog();
      await follow(follower, await append(1));
      const former = opened.at(-1)?.events.epoch;
      await putBack();
      const { events, restored, operations, readModel } = await open();
      expect(events.epoch).not.toBe(former);
      expect(events.formerEpochs).toEqual([former]);
      expect(restored).toMatch(/has seen event .* where the log has no event/);
      expect(lines).toEqual([expect.stringContaining(restored ?? '')]);
      expect(await readModel.usersVersions.live().checkpoint()).toEqual(START);
      const { webhookEnqueuerStore: webhooks } = operations;
      expect([await webhooks.epoch(), (await webhooks.checkpoint()).position]).toEqual([
        events.epoch,
        kept.position,
      ]);
    },
  );

  it('get a new epoch where a longer log has other events at the same positions', async () => {
    await append(1);
    await copyLog();
    const seen = await append(2);
    await follow('users', seen);
    const former = opened.at(-1)?.events.epoch;
    await putBack();
    expect((await appendUnseen(5)) > seen.position).toBe(true);
    const { events, restored } = await open();
    expect(events.epoch).not.toBe(former);
    expect(restored).toMatch(/where the log has event [0-9a-f-]{36}$/);
  });

  it('keep their epoch where the copy has everything that was read', async () => {
    const seen = await append(2);
    await follow('users', seen);
    const former = opened.at(-1)?.events.epoch;
    await copyLog();
    await append(3);
    await putBack();
    const { events, restored } = await open();
    expect([events.epoch, restored]).toEqual([former, null]);
  });

  it('get one new epoch when two processes open them at once, and one more for another restore', async () => {
    await append(1);
    await copyLog();
    await follow('users', await append(1));
    const epochs = new Set<string>();
    for (let restore = 1; restore <= 2; restore += 1) {
      await putBack();
      await Promise.all([open(), open()]);
      for (const { events } of opened) epochs.add(events.epoch);
      expect(epochs.size).toBe(restore);
    }
  });

  it('forget answers to requests, also if the process that renewed the epoch died', async () => {
    await follow('webhooks', await append(1));
    const { operations, events } = await open();
    expect(await operations.idempotency.claim(CLAIM, NOW)).toEqual({ outcome: 'claimed' });
    await operations.idempotency.complete(CLAIM, { status: 201, headers: {}, body: '{}' });
    await events.renewEpoch(events.epoch);
    await closeAll();
    const { operations: after } = await open();
    expect(await after.idempotency.claim(CLAIM, NOW)).toEqual({ outcome: 'claimed' });
  });

  it('stay as they are with ON_RESTORED_LOG=stop, and open again once the newer log is back', async () => {
    await append(1);
    await copyLog();
    await follow('users', await append(1));
    await closeAll();
    const newer = join(directory, 'newer.db');
    cpSync(eventsFile(directory), newer);
    await putBack();
    const stopping = { ON_RESTORED_LOG: 'stop' };
    await expect(open(stopping)).rejects.toThrow(LogRestoredError);
    await expect(open(stopping)).rejects.toThrow(/ON_RESTORED_LOG=stop: put the newer log back/);
    cpSync(newer, eventsFile(directory));
    const { restored, readModel } = await open(stopping);
    expect(restored).toBeNull();
    expect((await readModel.usersVersions.live().checkpoint()).lastEvent).not.toBeNull();
  });

  it('say where to open them instead, in a directory that cannot be written', async () => {
    await append(1);
    await copyLog();
    await follow('users', await append(1));
    await putBack();
    const opening = openReadOnlyStores(settings());
    await expect(opening).rejects.toThrow(LogRestoredError);
    await expect(opening).rejects.toThrow(
      /^The log was restored from an older copy: projection users has seen event .* where the log has no event\. Open it where the directory can be written$/,
    );
  });
});
