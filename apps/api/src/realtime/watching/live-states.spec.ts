import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { nodeStream, serviceStream, type ReachabilityEvent } from '#domain';
import type { Position } from '#event-store';
import { START } from '#projections';
import { usersProjection, type NodeRow, type UsersState } from '#read-model';
import { InMemoryEventStore } from '../../../../../test/support/in-memory-event-store.ts';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { LogFeed, type LogEvent } from './log-feed.ts';
import { LiveStates } from './live-states.ts';

const SERVICE = `IS${'1'.repeat(32)}`;
const KEY = serviceStream(SERVICE);
const NODE_KEY = nodeStream('node-1');
const OCCURRED_AT = '2026-03-04T05:06:07.089Z';

const position = (number: number): Position => String(number).padStart(4, '0');
const checkpoint = (number: number) => ({ ...START, position: position(number) });

function logEvent(number: number, stream: string, event: ReachabilityEvent): LogEvent {
  return {
    event,
    stream,
    revision: number,
    position: position(number),
    effectiveAt: OCCURRED_AT,
    metadata: { occurredAt: OCCURRED_AT, correlationId: 'c', causationId: 'c', actor: 'cli' },
  };
}

function enabled(number: number): LogEvent {
  return logEvent(number, KEY, { type: 'ReachabilityEnabled', data: { serviceSid: SERVICE } });
}

/** The state of the Service after its creation at position 1. */
function created(): UsersState | null {
  const data = { serviceSid: SERVICE, friendlyName: 'x' };
  const event = logEvent(1, KEY, { type: 'ServiceCreated', data });
  return usersProjection.evolve(null, event, () => null);
}

/** A read model with one node, which answers `seed` when a test resolves `answer`. */
class HeldReadModel {
  answer = Promise.withResolvers<Awaited<ReturnType<HeldReadModel['seed']>>>();
  readonly reads: (readonly string[])[] = [];

  checkpoint() {
    return Promise.resolve(START);
  }

  nodes() {
    const node: NodeRow = { kind: 'node', nodeId: 'node-1', incarnation: 1, running: true };
    return Promise.resolve({ checkpoint: checkpoint(1), nodes: [node] });
  }

  seed(keys: readonly string[]): Promise<{
    checkpoint: ReturnType<typeof checkpoint>;
    states: Map<string, UsersState>;
  }> {
    this.reads.push(keys);
    return this.answer.promise;
  }
}

describe('Live states', () => {
  let readModel: HeldReadModel;
  let progress: ReadModelProgress;
  let states: LiveStates;

  beforeEach(() => {
    readModel = new HeldReadModel();
    progress = new ReadModelProgress(readModel);
    states = new LiveStates(readModel, progress, new LogFeed(new InMemoryEventStore()));
  });

  const answer = (key: string, state: UsersState | null, includes: number): void =>
    readModel.answer.resolve({
      checkpoint: checkpoint(includes),
      states: new Map(state === null ? [] : [[key, state]]),
    });

  it('reads a state once, however many calls retain it', async () => {
    const calls = [states.retain([KEY]), states.retain([KEY])];
    answer(KEY, created(), 1);
    await Promise.all(calls);
    await states.retain([KEY]);
    expect(readModel.reads).toEqual([[KEY]]);
  });

  it('has no state until it is loaded, and then one with the events that arrived meanwhile', async () => {
    const loaded = states.retain([KEY]);
    expect(states.apply(enabled(2))).toBe(false);
    expect(states.get(KEY)).toBeNull();
    answer(KEY, created(), 1);
    await loaded;
    expect(states.get(KEY)).toMatchObject({ reachabilityEnabled: true, flagPosition: position(2) });
  });

  it('does not apply events that the loaded state includes', async () => {
    const loaded = states.retain([KEY]);
    states.apply(enabled(2));
    const state = created();
    answer(KEY, state, 3);
    await loaded;
    expect(states.get(KEY)).toBe(state);
    expect(states.apply(enabled(3))).toBe(false);
    expect(states.apply(enabled(4))).toBe(true);
  });

  it('ignores the result of a reload of a node that has started again meanwhile', async () => {
    await states.start();
    progress.advanceTo(position(2));
    const reloaded = states.reloadAfterError(NODE_KEY, position(2));
    await nextTurn();
    const data = { nodeId: 'node-1', incarnation: 2 };
    states.apply(logEvent(3, NODE_KEY, { type: 'NodeStarted', data }));
    const lost: NodeRow = { kind: 'node', nodeId: 'node-1', incarnation: 1, running: false };
    answer(NODE_KEY, lost, 2);
    await reloaded;
    expect(states.get(NODE_KEY)).toMatchObject({ incarnation: 2, running: true });
  });

  it('forgets a state with its last release', async () => {
    answer(KEY, created(), 1);
    await Promise.all([states.retain([KEY]), states.retain([KEY])]);
    states.release(KEY);
    expect(states.get(KEY)).not.toBeNull();
    states.release(KEY);
    expect(states.get(KEY)).toBeNull();
    expect(states.apply(enabled(2))).toBe(false);
    await states.retain([KEY]);
    expect(readModel.reads).toHaveLength(2);
  });

  it('does not keep a state that was released during its load', async () => {
    const loaded = states.retain([KEY]);
    states.release(KEY);
    answer(KEY, created(), 1);
    await loaded;
    expect(states.get(KEY)).toBeNull();
  });
});
