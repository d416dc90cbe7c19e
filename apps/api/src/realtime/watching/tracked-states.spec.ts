import { describe, expect, it } from '@jest/globals';
import { serviceStream } from '#domain';
import type { Position } from '#event-store';
import type { LogEvent } from './log-feed.ts';
import { TrackedStates } from './tracked-states.ts';

const SERVICE = `IS${'1'.repeat(32)}`;
const KEY = serviceStream(SERVICE);
const OCCURRED_AT = '2026-03-04T05:06:07.089Z';

const place = (number: number): Position => String(number).padStart(4, '0');

function event(number: number, type: 'ReachabilityEnabled' | 'ReachabilityDisabled'): LogEvent {
  return {
    event: { type, data: { serviceSid: SERVICE } },
    stream: KEY,
    revision: number,
    position: place(number),
    effectiveAt: OCCURRED_AT,
    metadata: { occurredAt: OCCURRED_AT, correlationId: 'c', causationId: 'c', actor: 'cli' },
  };
}

/** The Service's state once it was created at place 1. */
function created(): ReturnType<TrackedStates['get']> {
  const states = new TrackedStates();
  states.retain(KEY);
  states.seed(KEY, null, null);
  const data = { serviceSid: SERVICE, friendlyName: 'x' };
  states.fold({ ...event(1, 'ReachabilityEnabled'), event: { type: 'ServiceCreated', data } });
  return states.get(KEY);
}

describe('A tracked state', () => {
  it('has to be seeded until it is, by whomever', () => {
    const states = new TrackedStates();
    expect(states.retain(KEY)).toBe(true);
    expect(states.retain(KEY)).toBe(true);
    states.seed(KEY, created(), place(1));
    expect(states.retain(KEY)).toBe(false);
  });

  it('is unknown until it is seeded, and then holds what came meanwhile', () => {
    const states = new TrackedStates();
    states.retain(KEY);
    expect(states.fold(event(2, 'ReachabilityEnabled'))).toBe(false);
    expect(states.get(KEY)).toBeNull();
    states.seed(KEY, created(), place(1));
    expect(states.get(KEY)).toMatchObject({ reachabilityEnabled: true, flagPosition: place(2) });
  });

  it('takes no event twice that the seed held already', () => {
    const states = new TrackedStates();
    states.retain(KEY);
    states.fold(event(2, 'ReachabilityEnabled'));
    const seed = created();
    states.seed(KEY, seed, place(3));
    expect(states.get(KEY)).toBe(seed);
    expect(states.fold(event(3, 'ReachabilityEnabled'))).toBe(false);
    expect(states.fold(event(4, 'ReachabilityEnabled'))).toBe(true);
  });

  it('takes only the first seed', () => {
    const states = new TrackedStates();
    states.retain(KEY);
    states.seed(KEY, created(), place(1));
    states.fold(event(2, 'ReachabilityEnabled'));
    states.seed(KEY, created(), place(1));
    expect(states.get(KEY)).toMatchObject({ reachabilityEnabled: true });
  });

  it('is forgotten when the last of its users lets go', () => {
    const states = new TrackedStates();
    states.retain(KEY);
    states.retain(KEY);
    states.seed(KEY, created(), place(1));
    states.release(KEY);
    expect(states.get(KEY)).not.toBeNull();
    states.release(KEY);
    expect(states.get(KEY)).toBeNull();
    expect(states.fold(event(2, 'ReachabilityEnabled'))).toBe(false);
    expect(states.retain(KEY)).toBe(true);
  });

  it('is not kept for a seed that comes when nobody uses the key any more', () => {
    const states = new TrackedStates();
    states.retain(KEY);
    states.release(KEY);
    states.seed(KEY, created(), place(1));
    expect(states.get(KEY)).toBeNull();
  });
});
