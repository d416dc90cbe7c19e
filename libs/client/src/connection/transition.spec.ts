import { describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS } from '../protocol/client-frames.ts';
import type { ReadyFrame, ServerFrame } from '../protocol/server-frames.ts';
import { ATTEMPT_MS, STABLE_MS } from './attempts.ts';
import { SILENCE_MS } from './silence.ts';
import { initialState, stateName, type ConnectionState } from './state.ts';
import type { Effect, Input } from './step.ts';
import { BYE_MS, transition } from './transition.ts';

const WALL = Date.parse('2026-01-01T00:00:00Z');

/** A JWT that expires so long after the tests' present. */
function tokenFor(ms: number): string {
  const payload = btoa(JSON.stringify({ exp: (WALL + ms) / 1_000 }));
  return `header.${payload}.signature`;
}

const GOOD = tokenFor(3_600_000);

const ready: ReadyFrame = {
  type: 'ready',
  connection_sid: 'CN1',
  service_sid: 'IS1',
  user_sid: 'US1',
  identity: 'alice',
  version: 'e:1',
  resumed: false,
  reachability_enabled: true,
  pong_ms: 5_000,
  limits: DEFAULT_LIMITS,
};

type Moment = Input | { readonly type: 'pass'; readonly ms: number };

const start: Input = { type: 'start' };
const alarm: Input = { type: 'alarm' };
const pass = (ms: number): Moment => ({ type: 'pass', ms });
const frame = (content: ServerFrame, attempt = 1): Input => ({
  type: 'frame',
  attempt,
  frame: content,
});
const closed = (code: number, attempt = 1): Input => ({ type: 'closed', attempt, code });
const attached = [start, frame(ready)];
const error = (code: string | number): Input =>
  frame({ type: 'error', id: null, code, message: 'words', users: null });

/** What becomes of a connection to which all this happens. */
function after(
  moments: readonly Moment[],
  { token = GOOD, canRefresh = false } = {},
): { state: ConnectionState; name: string; effects: readonly Effect[] } {
  let state = initialState(token, canRefresh);
  let effects: readonly Effect[] = [];
  let monotonic = 0;
  for (const moment of moments) {
    if (moment.type === 'pass') monotonic += moment.ms;
    else ({ state, effects } = transition(state, moment, { monotonic, wall: WALL + monotonic }));
  }
  return { state, name: stateName(state), effects };
}

const types = (effects: readonly Effect[]): string[] => effects.map(({ type }) => type);
const find = (effects: readonly Effect[], type: Effect['type']): Effect | undefined =>
  effects.find((effect) => effect.type === type);
const openEffect = (attempt: number, connectionSid: string | null, token = GOOD): Effect => ({
  type: 'open',
  attempt,
  token,
  connectionSid,
});

describe('a connection', () => {
  describe('that begins', () => {
    it('opens a socket with the token at hand, and gives the attempt a limit', () => {
      const { name, effects } = after([start]);
      expect(name).toBe('connecting');
      expect(effects).toEqual([
        openEffect(1, null),
        { type: 'alarm', ms: ATTEMPT_MS, jitter: false },
      ]);
    });

    it('is connected once the server is ready, not when the socket is open', () => {
      expect(after(attached).name).toBe('connected');
    });

    it('asks the application for a token where the one at hand has expired', () => {
      const { name, effects } = after([start], { token: tokenFor(-1_000), canRefresh: true });
      expect(name).toBe('connecting');
      expect(effects).toContainEqual({ type: 'fetchToken', attempt: 1 });
    });

    it('tries again where the attempt takes too long', () => {
      const { name, effects } = after([start, alarm]);
      expect(name).toBe('disconnected');
      expect(types(effects)).toEqual(['close', 'complain', 'alarm']);
    });

    it('takes no token that was given for an attempt that is over', () => {
      const late: Input = { type: 'token', attempt: 1, token: 'late' };
      const moments = [start, alarm, alarm, late];
      const { effects } = after(moments, { token: 'unreadable', canRefresh: true });
      expect(effects).toEqual([]);
    });
  });

  describe('that is lost', () => {
    it('waits a random time within half a second at first', () => {
      const { name, effects } = after([...attached, pass(STABLE_MS), closed(1006)]);
      expect(name).toBe('disconnected');
      expect(find(effects, 'alarm')).toEqual({ type: 'alarm', ms: 500, jitter: true });
    });

    it('waits twice as long after each attempt that failed, up to 30 s', () => {
      const windows: unknown[] = [];
      const moments: Moment[] = [...attached, pass(STABLE_MS), closed(1006)];
      for (let attempt = 2; attempt < 10; attempt += 1) {
        moments.push(alarm, closed(1006, attempt));
        windows.push(find(after(moments).effects, 'alarm'));
      }
      const expected = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000];
      expect(windows).toEqual(expected.map((ms) => ({ type: 'alarm', ms, jitter: true })));
    });

    it('waits longer each time where the server takes it and drops it at once', () => {
      const again = [...attached, closed(1011), alarm, frame(ready, 2), closed(1011, 2)];
      expect(find(after(again).effects, 'alarm')).toMatchObject({ ms: 2_000 });
    });

    it('resumes the Connection that it had', () => {
      const { effects } = after([...attached, closed(1006), alarm]);
      expect(effects).toContainEqual(openEffect(2, 'CN1'));
    });

    it('hears no more of its old socket', () => {
      const moments = [...attached, closed(1006), alarm, frame(ready, 2)];
      const { name, effects } = after([...moments, closed(1006, 1)]);
      expect(name).toBe('connected');
      expect(effects).toEqual([]);
    });

    it('comes back with a Connection of its own where a late socket took over the old one', () => {
      const { name, effects } = after([...attached, closed(4409), alarm]);
      expect(name).toBe('connecting');
      expect(effects).toContainEqual(openEffect(2, null));
    });

    it('stays away for up to 30 s where there are too many', () => {
      const { effects } = after([...attached, error('too_many_requests'), closed(4429)]);
      expect(find(effects, 'alarm')).toEqual({ type: 'alarm', ms: 30_000, jitter: true });
      expect(find(effects, 'complain')).toMatchObject({ error: { code: 'too_many_requests' } });
    });

    it.each([1000, 1001, 1005, 1006, 1011, 1012, 4408, 4999])('comes back after %d', (code) => {
      expect(after([...attached, closed(code)]).name).toBe('disconnected');
    });

    it.each([
      [1009, 'bad_frame'],
      [4400, 'bad_frame'],
      [4404, 'no_service'],
      [4410, 'user_deleted'],
      [4411, 'closed_by_service'],
    ])('gives up after %d', (code, expected) => {
      const { name, effects } = after([...attached, closed(code)]);
      expect(name).toBe('failed');
      expect(types(effects)).toEqual(['noAlarm', 'complain', 'ended']);
      expect(find(effects, 'ended')).toMatchObject({
        error: { code: expected, terminal: true, closeCode: code },
      });
    });
  });

  describe('that hears nothing', () => {
    it('asks whether the server is there', () => {
      const { effects } = after([...attached, pass(SILENCE_MS), alarm]);
      expect(effects).toEqual([
        { type: 'send', frame: { type: 'ping' } },
        { type: 'alarm', ms: 5_000, jitter: false },
      ]);
    });

    it('gives the server up that does not answer, without saying bye', () => {
      const { name, effects } = after([...attached, pass(SILENCE_MS), alarm, pass(5_000), alarm]);
      expect(name).toBe('disconnected');
      expect(effects[0]).toEqual({ type: 'close', attempt: 1, code: 4000 });
    });

    it('goes on once it is answered', () => {
      const moments = [...attached, pass(SILENCE_MS), alarm, frame({ type: 'pong' })];
      const { name, effects } = after([...moments, pass(5_000), alarm]);
      expect(name).toBe('connected');
      expect(effects).toEqual([{ type: 'alarm', ms: SILENCE_MS - 5_000, jitter: false }]);
    });

    it('asks first where its own process was asleep, for frames may be waiting', () => {
      const { name, effects } = after([...attached, pass(3_600_000), alarm]);
      expect(name).toBe('connected');
      expect(find(effects, 'send')).toBeDefined();
    });
  });

  describe('that is to move', () => {
    const moving = [...attached, frame({ type: 'move', reconnect_in_ms: 420 })];

    it('stays until then', () => {
      const { name, effects } = after(moving);
      expect(name).toBe('connected');
      expect(effects).toEqual([{ type: 'alarm', ms: 420, jitter: false }]);
    });

    it('keeps its old socket until the new one is ready', () => {
      expect(types(after([...moving, alarm]).effects)).toEqual(['open', 'alarm']);
      const { effects } = after([...moving, alarm, frame(ready, 2)]);
      expect(effects[0]).toEqual({ type: 'close', attempt: 1, code: 4000 });
    });

    it('waits until then where it is closed before', () => {
      const { name, effects } = after([...moving, closed(1012)]);
      expect(name).toBe('disconnected');
      expect(effects).toEqual([]);
      expect(after([...moving, closed(1012), alarm]).effects).toContainEqual(openEffect(2, 'CN1'));
    });
  });

  describe('whose token is refused', () => {
    it('waits for another one of the application', () => {
      const { name, effects } = after([start, error(20101), closed(4401)]);
      expect(name).toBe('denied');
      expect(find(effects, 'complain')).toMatchObject({
        error: { code: 'token_refused', tokenError: 20101 },
      });
      expect(find(effects, 'alarm')).toBeUndefined();
    });

    it('connects at once with the token that it is given then', () => {
      const moments = [start, closed(4401), { type: 'renewed', token: 'new' } as const];
      expect(after(moments).effects).toContainEqual(openEffect(2, null, 'new'));
    });

    it('asks for another one itself where it can', () => {
      const { name, effects } = after([start, closed(4401), alarm], { canRefresh: true });
      expect(name).toBe('connecting');
      expect(effects).toContainEqual({ type: 'fetchToken', attempt: 2 });
    });

    it('says that it has expired where it worked before', () => {
      expect(types(after([...attached, closed(4401)]).effects)).toContain('tokenExpired');
      expect(types(after([start, error(20104), closed(4401)]).effects)).toContain('tokenExpired');
      expect(types(after([start, error(20101), closed(4401)]).effects)).not.toContain(
        'tokenExpired',
      );
    });

    it('tries again later where the application has none', () => {
      const none: Input = { type: 'noToken', attempt: 1, cause: new Error('down') };
      const { name, effects } = after([start, none], { token: 'unreadable', canRefresh: true });
      expect(name).toBe('disconnected');
      expect(find(effects, 'complain')).toMatchObject({
        error: { code: 'token_provider_failed' },
      });
    });

    it('ends where the new token is of somebody else', () => {
      const other = { ...ready, user_sid: 'US2' };
      const { name, effects } = after([...attached, closed(1006), alarm, frame(other, 2)]);
      expect(name).toBe('failed');
      expect(find(effects, 'ended')).toMatchObject({ error: { code: 'identity_changed' } });
    });
  });

  describe('that is shut down', () => {
    const leave: Input = { type: 'leave' };

    it('says bye and waits for the server to close', () => {
      const { name, effects } = after([...attached, leave]);
      expect(name).toBe('closing');
      expect(effects).toEqual([
        { type: 'send', frame: { type: 'bye' } },
        { type: 'alarm', ms: BYE_MS, jitter: false },
      ]);
      expect(after([...attached, leave, closed(1000)]).name).toBe('closed');
    });

    it('waits for no server that does not close', () => {
      expect(types(after([...attached, leave, alarm]).effects)).toEqual(['noAlarm', 'ended']);
    });

    it.each([
      ['opening', [start]],
      ['waiting', [start, closed(1006)]],
      ['denied', [start, closed(4401)]],
    ])('ends at once while %s', (_, moments) => {
      const { name, effects } = after([...moments, leave]);
      expect(name).toBe('closed');
      expect(types(effects)).toEqual(['noAlarm', 'ended']);
    });

    it('does nothing ever after', () => {
      const moments = [...attached, leave, closed(1000)];
      for (const late of [start, alarm, frame(ready), closed(1006), leave]) {
        expect(after([...moments, late]).effects).toEqual([]);
      }
    });
  });
});
