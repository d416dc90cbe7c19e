import { describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS } from '../protocol/client-frames.ts';
import type { ReadyFrame, ServerFrame } from '../protocol/server-frames.ts';
import { ATTEMPT_MS, STABLE_MS } from './reconnection.ts';
import { SILENCE_MS } from './heartbeat.ts';
import { initialState, stateName, type ConnectionState } from './state.ts';
import type { Effect, Input } from './step.ts';
import { BYE_MS, transition } from './transition.ts';

const WALL = Date.parse('2026-01-01T00:00:00Z');

/** A JWT that expires `ms` after `WALL`. */
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
const timer: Input = { type: 'timer' };
const pass = (ms: number): Moment => ({ type: 'pass', ms });
const frame = (content: ServerFrame, attempt = 1): Input => ({
  type: 'frame',
  attempt,
  frame: content,
});
const closed = (code: number, attempt = 1): Input => ({ type: 'socketClosed', attempt, code });
const connected = [start, frame(ready)];
const error = (code: string | number): Input =>
  frame({ type: 'error', id: null, code, message: 'words', users: null, retry_after_ms: null });

/** State of a connection after all moments, and effects of the last one. */
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
  type: 'openSocket',
  attempt,
  token,
  connectionSid,
});

describe('a connection', () => {
  describe('that starts', () => {
    it('opens a socket with the present token and limits the time of the attempt', () => {
      const { name, effects } = after([start]);
      expect(name).toBe('connecting');
      expect(effects).toEqual([
        openEffect(1, null),
        { type: 'setTimer', ms: ATTEMPT_MS, jitter: false },
      ]);
    });

    it('is connected once the server sends ready, not when the socket is open', () => {
      expect(after(connected).name).toBe('connected');
    });

    it('fetches a token if the present one has expired', () => {
      const { name, effects } = after([start], { token: tokenFor(-1_000), canRefresh: true });
      expect(name).toBe('connecting');
      expect(effects).toContainEqual({ type: 'fetchToken', attempt: 1 });
    });

    it('retries if the attempt takes too long', () => {
      const { name, effects } = after([start, timer]);
      expect(name).toBe('disconnected');
      expect(types(effects)).toEqual(['closeSocket', 'reportError', 'setTimer']);
    });

    it('ignores a token fetched for an earlier attempt', () => {
      const late: Input = { type: 'tokenFetched', attempt: 1, token: 'late' };
      const moments = [start, timer, timer, late];
      const { effects } = after(moments, { token: 'unreadable', canRefresh: true });
      expect(effects).toEqual([]);
    });
  });

  describe('that is lost', () => {
    it('waits a random time within half a second after the first failure', () => {
      const { name, effects } = after([...connected, pass(STABLE_MS), closed(1006)]);
      expect(name).toBe('disconnected');
      expect(find(effects, 'setTimer')).toEqual({ type: 'setTimer', ms: 500, jitter: true });
    });

    it('doubles the wait after each failed attempt, up to 30 s', () => {
      const windows: unknown[] = [];
      const moments: Moment[] = [...connected, pass(STABLE_MS), closed(1006)];
      for (let attempt = 2; attempt < 10; attempt += 1) {
        moments.push(timer, closed(1006, attempt));
        windows.push(find(after(moments).effects, 'setTimer'));
      }
      const expected = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000];
      expect(windows).toEqual(expected.map((ms) => ({ type: 'setTimer', ms, jitter: true })));
    });

    it('waits longer each time if the server accepts and drops it at once', () => {
      const again = [...connected, closed(1011), timer, frame(ready, 2), closed(1011, 2)];
      expect(find(after(again).effects, 'setTimer')).toMatchObject({ ms: 2_000 });
    });

    it('resumes its Connection', () => {
      const { effects } = after([...connected, closed(1006), timer]);
      expect(effects).toContainEqual(openEffect(2, 'CN1'));
    });

    it('ignores its old socket', () => {
      const moments = [...connected, closed(1006), timer, frame(ready, 2)];
      const { name, effects } = after([...moments, closed(1006, 1)]);
      expect(name).toBe('connected');
      expect(effects).toEqual([]);
    });

    it('reconnects with a new Connection if a late socket took over the old one', () => {
      const { name, effects } = after([...connected, closed(4409), timer]);
      expect(name).toBe('connecting');
      expect(effects).toContainEqual(openEffect(2, null));
    });

    it('waits up to 30 s if the server has too many connections or frames', () => {
      const { effects } = after([...connected, error('too_many_requests'), closed(4429)]);
      expect(find(effects, 'setTimer')).toEqual({ type: 'setTimer', ms: 30_000, jitter: true });
      expect(find(effects, 'reportError')).toMatchObject({ error: { code: 'too_many_requests' } });
    });

    it.each([1000, 1001, 1005, 1006, 1011, 1012, 4408, 4999])('reconnects after %d', (code) => {
      expect(after([...connected, closed(code)]).name).toBe('disconnected');
    });

    it.each([
      [1009, 'bad_frame'],
      [4400, 'bad_frame'],
      [4404, 'no_service'],
      [4410, 'user_deleted'],
      [4411, 'closed_by_service'],
    ])('gives up after %d', (code, expected) => {
      const { name, effects } = after([...connected, closed(code)]);
      expect(name).toBe('failed');
      expect(types(effects)).toEqual(['clearTimer', 'reportError', 'ended']);
      expect(find(effects, 'ended')).toMatchObject({
        error: { code: expected, terminal: true, closeCode: code },
      });
    });
  });

  describe('with a silent server', () => {
    it('pings the server', () => {
      const { effects } = after([...connected, pass(SILENCE_MS), timer]);
      expect(effects).toEqual([
        { type: 'send', frame: { type: 'ping' } },
        { type: 'setTimer', ms: 5_000, jitter: false },
      ]);
    });

    it('abandons the socket without bye if no answer comes', () => {
      const { name, effects } = after([...connected, pass(SILENCE_MS), timer, pass(5_000), timer]);
      expect(name).toBe('disconnected');
      expect(effects[0]).toEqual({ type: 'closeSocket', attempt: 1, code: 4000 });
    });

    it('continues after an answer', () => {
      const moments = [...connected, pass(SILENCE_MS), timer, frame({ type: 'pong' })];
      const { name, effects } = after([...moments, pass(5_000), timer]);
      expect(name).toBe('connected');
      expect(effects).toEqual([{ type: 'setTimer', ms: SILENCE_MS - 5_000, jitter: false }]);
    });

    it('pings first after its own process was asleep, because frames may be waiting', () => {
      const { name, effects } = after([...connected, pass(3_600_000), timer]);
      expect(name).toBe('connected');
      expect(find(effects, 'send')).toBeDefined();
    });
  });

  describe('that the server tells to move', () => {
    const moving = [...connected, frame({ type: 'move', reconnect_in_ms: 420 })];

    it('stays connected until the given time', () => {
      const { name, effects } = after(moving);
      expect(name).toBe('connected');
      expect(effects).toEqual([{ type: 'setTimer', ms: 420, jitter: false }]);
    });

    it('keeps the old socket until the new one is ready', () => {
      expect(types(after([...moving, timer]).effects)).toEqual(['openSocket', 'setTimer']);
      const { effects } = after([...moving, timer, frame(ready, 2)]);
      expect(effects[0]).toEqual({ type: 'closeSocket', attempt: 1, code: 4000 });
    });

    it('waits until the given time if the socket closes before', () => {
      const { name, effects } = after([...moving, closed(1012)]);
      expect(name).toBe('disconnected');
      expect(effects).toEqual([]);
      expect(after([...moving, closed(1012), timer]).effects).toContainEqual(openEffect(2, 'CN1'));
    });
  });

  describe('whose token is refused', () => {
    it('waits until the application replaces it', () => {
      const { name, effects } = after([start, error(20101), closed(4401)]);
      expect(name).toBe('denied');
      expect(find(effects, 'reportError')).toMatchObject({
        error: { code: 'token_refused', tokenError: 20101 },
      });
      expect(find(effects, 'setTimer')).toBeUndefined();
    });

    it('connects at once with the new token', () => {
      const moments = [start, closed(4401), { type: 'newToken', token: 'new' } as const];
      expect(after(moments).effects).toContainEqual(openEffect(2, null, 'new'));
    });

    it('fetches another one if it has a tokenProvider', () => {
      const { name, effects } = after([start, closed(4401), timer], { canRefresh: true });
      expect(name).toBe('connecting');
      expect(effects).toContainEqual({ type: 'fetchToken', attempt: 2 });
    });

    it('reports an expired token if it was accepted before', () => {
      expect(types(after([...connected, closed(4401)]).effects)).toContain('tokenExpired');
      expect(types(after([start, error(20104), closed(4401)]).effects)).toContain('tokenExpired');
      expect(types(after([start, error(20101), closed(4401)]).effects)).not.toContain(
        'tokenExpired',
      );
    });

    it('retries if the tokenProvider fails', () => {
      const none: Input = { type: 'tokenFailed', attempt: 1, cause: new Error('down') };
      const { name, effects } = after([start, none], { token: 'unreadable', canRefresh: true });
      expect(name).toBe('disconnected');
      expect(find(effects, 'reportError')).toMatchObject({
        error: { code: 'token_provider_failed' },
      });
    });

    it('ends if the new token is of another User', () => {
      const other = { ...ready, user_sid: 'US2' };
      const { name, effects } = after([...connected, closed(1006), timer, frame(other, 2)]);
      expect(name).toBe('failed');
      expect(find(effects, 'ended')).toMatchObject({ error: { code: 'identity_changed' } });
    });
  });

  describe('that is shut down', () => {
    const shutDown: Input = { type: 'shutDown' };

    it('sends bye and waits for the server to close', () => {
      const { name, effects } = after([...connected, shutDown]);
      expect(name).toBe('closing');
      expect(effects).toEqual([
        { type: 'send', frame: { type: 'bye' } },
        { type: 'setTimer', ms: BYE_MS, jitter: false },
      ]);
      expect(after([...connected, shutDown, closed(1000)]).name).toBe('closed');
    });

    it('ends without a close by the server after a time limit', () => {
      expect(types(after([...connected, shutDown, timer]).effects)).toEqual([
        'clearTimer',
        'ended',
      ]);
    });

    it.each([
      ['opening', [start]],
      ['waiting', [start, closed(1006)]],
      ['denied', [start, closed(4401)]],
    ])('ends at once while %s', (_, moments) => {
      const { name, effects } = after([...moments, shutDown]);
      expect(name).toBe('closed');
      expect(types(effects)).toEqual(['clearTimer', 'ended']);
    });

    it('ignores all later inputs', () => {
      const moments = [...connected, shutDown, closed(1000)];
      for (const late of [start, timer, frame(ready), closed(1006), shutDown]) {
        expect(after([...moments, late]).effects).toEqual([]);
      }
    });
  });
});
