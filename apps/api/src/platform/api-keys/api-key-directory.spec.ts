import { beforeEach, describe, expect, it } from '@jest/globals';
import { reachabilityRegistry, type ApiKeyEvent, type ApiKeyState } from '#domain';
import { START, toProjectedEvent } from '#projections';
import type { ApiKeyRow } from '#read-model';
import { History } from '../../../../../test/support/history.ts';
import { ApiKeyDirectory } from './api-key-directory.ts';

const KEY = `SK${'1'.repeat(32)}`;
const NOON = Date.parse('2026-03-04T12:00:00.000Z');
const at = (ms: number): string => new Date(NOON + ms).toISOString();

const created = (expiresAt: string | null = null): ApiKeyEvent => ({
  type: 'ApiKeyCreated',
  data: {
    keySid: KEY,
    friendlyName: 'key',
    scopes: ['read'],
    services: null,
    expiresAt,
    secretId: 'first',
  },
});
const rotated = (secretId: string, previousValidUntil: string | null): ApiKeyEvent => ({
  type: 'ApiKeyRotated',
  data: { keySid: KEY, secretId, previousValidUntil },
});
const revoked: ApiKeyEvent = { type: 'ApiKeyRevoked', data: { keySid: KEY } };

/** Events of the key as the log feed passes them on. */
function projected(...events: readonly ApiKeyEvent[]) {
  const history = events.reduce((log, event) => log.key(event), new History());
  return history.events.map((recorded) =>
    toProjectedEvent(recorded, reachabilityRegistry.decode(recorded), at(0)),
  );
}

const ROW: ApiKeyRow = {
  kind: 'key',
  sid: KEY,
  friendlyName: 'key',
  scopes: ['read'],
  services: null,
  expiresAt: null,
  secretId: 'first',
  previousSecret: null,
  createdAt: at(0),
  createdPosition: '00000000000000000001',
  updatedAt: at(0),
  revoked: false,
};

describe('The directory of API keys', () => {
  let now: number;
  let directory: ApiKeyDirectory;
  const isValid = (secretId: string) => directory.isValid({ keySid: KEY, secretId });
  const checkpointAt = (step: number) => ({ ...START, position: String(step).padStart(20, '0') });

  beforeEach(() => {
    now = 0;
    directory = new ApiKeyDirectory(() => new Date(NOON + now));
    directory.markCurrent();
  });

  it('knows the valid secrets of a key from the log', () => {
    for (const event of projected(created(), rotated('second', at(1_000)))) directory.apply(event);
    expect([isValid('first'), isValid('second'), isValid('third')]).toEqual([true, true, false]);
    now = 1_000;
    expect([isValid('first'), isValid('second')]).toEqual([false, true]);
  });

  it('is not taken back by a read model that is older than the log', async () => {
    for (const event of projected(created(), revoked)) directory.apply(event);
    directory.load([ROW], checkpointAt(1));
    expect(await directory.find(KEY)).toBeNull();
  });

  it('ignores events of the log that the read model has already shown', async () => {
    directory.load([{ ...ROW, revoked: true }], checkpointAt(2));
    for (const event of projected(created(), revoked)) directory.apply(event);
    expect(await directory.find(KEY)).toBeNull();
  });

  it('accepts a key at once that this process has made, and its later events', async () => {
    const [first, second] = projected(created(), revoked);
    const { kind: _, ...state } = ROW;
    directory.set(KEY, { ...state, status: 'active' } satisfies ApiKeyState, first?.position ?? '');
    expect(await directory.find(KEY)).not.toBeNull();
    if (second !== undefined) directory.apply(second);
    expect(await directory.find(KEY)).toBeNull();
  });

  it('notices that a key or an overlap has run out', () => {
    const since = new Date(NOON);
    for (const event of projected(created(at(5_000)), rotated('second', at(1_000)))) {
      directory.apply(event);
    }
    const endings: boolean[] = [];
    for (now of [999, 1_000]) endings.push(directory.hasEndedSince(since));
    now = 5_000;
    endings.push(directory.hasEndedSince(new Date(NOON + 1_000)));
    endings.push(directory.hasEndedSince(new Date(NOON + 5_000)));
    expect(endings).toEqual([false, true, true, false]);
    expect(isValid('second')).toBe(false);
  });

  it('accepts no key in a process that does not follow the log, not even one that it has made', async () => {
    directory = new ApiKeyDirectory(() => new Date(NOON));
    directory.acceptNone();
    for (const event of projected(created())) directory.apply(event);
    expect(await directory.find(KEY)).toBeNull();
    expect(isValid('first')).toBe(false);
  });
});
