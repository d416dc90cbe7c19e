import { describe, expect, it } from '@jest/globals';
import { given, stateAfter } from '../../../../test/support/given.ts';
import type { NodeEvent } from './node-events.ts';
import { hasEnded, nodeLastSeenAt, nodeDecider } from './node.ts';

const nodeId = 'node-a';
const event = (type: NodeEvent['type'], incarnation: number): NodeEvent => ({
  type,
  data: { nodeId, incarnation },
});
const started = (incarnation: number) => event('NodeStarted', incarnation);
const lost = (incarnation: number) => event('NodeLost', incarnation);
const stopped = (incarnation: number) => event('NodeStopped', incarnation);

describe('A node that starts', () => {
  const start = { type: 'StartNode', nodeId } as const;

  it('starts with incarnation 1', () => {
    given(nodeDecider, [])
      .when(start)
      .then([started(1)]);
  });

  it('is a new incarnation after a stop', () => {
    given(nodeDecider, [started(1), stopped(1)])
      .when(start)
      .then([started(2)]);
  });

  it('is a new incarnation after a loss', () => {
    given(nodeDecider, [started(1), lost(1)])
      .when(start)
      .then([started(2)]);
  });

  it('first records the crashed incarnation as lost', () => {
    given(nodeDecider, [started(1), stopped(1), started(2)])
      .when(start)
      .then([lost(2), started(3)]);
  });
});

describe('When a lost incarnation was last seen', () => {
  const at = (second: number) => `2026-03-04T05:06:0${second}.000Z`;
  const lostAt = (incarnation: number, second: number): NodeEvent => ({
    type: 'NodeLost',
    data: { nodeId, incarnation, lastAliveAt: at(second) },
  });
  const start = (incarnation: number) =>
    ({ type: 'StartNode', nodeId, lastSeen: { incarnation, at: at(7) } }) as const;

  it('is recorded with the loss', () => {
    given(nodeDecider, [started(1)])
      .when({ type: 'LoseNode', nodeId, incarnation: 1, lastSeenAt: at(3) })
      .then([lostAt(1, 3)]);
  });

  it('is recorded by the next start, from the lease left behind', () => {
    given(nodeDecider, [started(1)])
      .when(start(1))
      .then([lostAt(1, 7), started(2)]);
  });

  it('is not taken from the lease of another incarnation', () => {
    given(nodeDecider, [started(1), lost(1), started(2)])
      .when(start(1))
      .then([lost(2), started(3)]);
  });

  it('is kept for several incarnations, and null for one that recorded none', () => {
    const state = stateAfter(nodeDecider, [
      ...[started(1), lostAt(1, 1), started(2), lost(2)],
      ...[started(3), lostAt(3, 3), started(4)],
    ]);
    expect([1, 2, 3, 4].map((incarnation) => nodeLastSeenAt(state, incarnation))).toEqual([
      at(1),
      null,
      at(3),
      null,
    ]);
  });

  it('is dropped after 16 later losses, so that the state does not grow with the starts', () => {
    const crashes = Array.from({ length: 1_000 }, (_, index) => [
      started(index + 1),
      lostAt(index + 1, index % 10),
    ]);
    const state = stateAfter(nodeDecider, crashes.flat());
    expect(state.lastAlive).toHaveLength(16);
    expect(nodeLastSeenAt(state, 1_000)).toBe(at(9));
  });
});

describe('An incarnation', () => {
  const lose = (incarnation: number) => ({ type: 'LoseNode', nodeId, incarnation }) as const;
  const stop = (incarnation: number) => ({ type: 'StopNode', nodeId, incarnation }) as const;

  it('is lost while it runs', () => {
    given(nodeDecider, [started(1)])
      .when(lose(1))
      .then([lost(1)]);
  });

  it('stops while it runs', () => {
    given(nodeDecider, [started(1)])
      .when(stop(1))
      .then([stopped(1)]);
  });

  it.each([
    ['was lost already', [started(1), lost(1)]],
    ['has stopped', [started(1), stopped(1)]],
    ['was followed by a later one', [started(1), lost(1), started(2)]],
    ['never started', []],
  ])('that %s is not lost again', (_, history) => {
    given(nodeDecider, history).when(lose(1)).then([]);
  });

  it.each([
    [
      'was lost, so that the process learns that others closed its Connections',
      [started(1), lost(1)],
    ],
    ['has stopped', [started(1), stopped(1)]],
    ['was followed by a later one', [started(1), lost(1), started(2)]],
    ['never started', []],
  ])('cannot stop when it %s', (_, history) => {
    given(nodeDecider, history).when(stop(1)).thenRefused('NODE.INCARNATION_ENDED');
  });

  it('that has not started can neither be lost nor stopped', () => {
    given(nodeDecider, [started(1)])
      .when(lose(2))
      .then([]);
    given(nodeDecider, [started(1)])
      .when(stop(2))
      .thenRefused('NODE.INCARNATION_ENDED');
  });

  it.each([lost(1), stopped(1)])('is not ended by a late $type of the previous one', (late) => {
    expect(stateAfter(nodeDecider, [started(1), lost(1), started(2), late])).toMatchObject({
      incarnation: 2,
      running: true,
    });
  });

  it.each([
    ['was lost', [started(2), lost(2)]],
    ['has stopped', [started(2), stopped(2)]],
    ['was followed by a later one', [started(2), lost(2), started(3)]],
  ])('has ended once it %s', (_, history) => {
    expect(hasEnded(stateAfter(nodeDecider, history), 2)).toBe(true);
  });

  it.each([
    ['runs', [started(2)]],
    ['has not started', [started(1), lost(1)]],
  ])('has not ended while it %s', (_, history) => {
    expect(hasEnded(stateAfter(nodeDecider, history), 2)).toBe(false);
  });
});
