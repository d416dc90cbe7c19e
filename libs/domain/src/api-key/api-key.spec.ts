import { describe, expect, it } from '@jest/globals';
import type { ApiKeyEvent } from './api-key-events.ts';
import {
  apiKeyDecider,
  secretEndsAt,
  validSecretIds,
  type ActiveApiKey,
  type ApiKeyCommand,
} from './api-key.ts';

const SID = `SK${'1'.repeat(32)}`;
const SERVICE = `IS${'2'.repeat(32)}`;
const { decide, evolve, initialState } = apiKeyDecider;

const CREATE: ApiKeyCommand = {
  type: 'CreateApiKey',
  keySid: SID,
  friendlyName: 'back end',
  scopes: ['read', 'read', 'sign'],
  services: [SERVICE],
  expiresAt: null,
  secretId: 'first',
};
const REVOKE: ApiKeyCommand = { type: 'RevokeApiKey' };
const rotate = (secretId: string, previousValidUntil: string | null = null): ApiKeyCommand => ({
  type: 'RotateApiKey',
  secretId,
  previousValidUntil,
});

function after(...commands: readonly ApiKeyCommand[]) {
  const events: ApiKeyEvent[] = [];
  for (const command of commands) events.push(...decide(command, fold(events)));
  return fold(events);
}

function fold(events: readonly ApiKeyEvent[]) {
  return events.reduce(evolve, initialState);
}

function active(...commands: readonly ApiKeyCommand[]): ActiveApiKey {
  const state = after(...commands);
  if (state.status !== 'active') throw new Error(`The key is ${state.status}`);
  return state;
}

describe('An API key', () => {
  it('is created with its scopes, each once', () => {
    expect(decide(CREATE, initialState)).toEqual([
      {
        type: 'ApiKeyCreated',
        data: {
          keySid: SID,
          friendlyName: 'back end',
          scopes: ['read', 'sign'],
          services: [SERVICE],
          expiresAt: null,
          secretId: 'first',
        },
      },
    ]);
  });

  it('cannot be created twice, nor after it was revoked', () => {
    for (const state of [after(CREATE), after(CREATE, REVOKE)]) {
      expect(() => decide(CREATE, state)).toThrow('API key already exists');
    }
  });

  it('is replaced by nothing once it is revoked', () => {
    const state = after(CREATE, REVOKE);
    expect(state).toEqual({ status: 'revoked' });
    expect(() => decide(rotate('second'), state)).toThrow('API key not found');
    expect(() => decide(REVOKE, state)).toThrow('API key not found');
    expect(() => decide(REVOKE, initialState)).toThrow('API key not found');
  });

  it('stays revoked, whatever a log has after the revocation', () => {
    const [created] = decide(CREATE, initialState);
    const [rotated] = decide(rotate('second'), after(CREATE));
    for (const event of [created, rotated]) {
      if (event === undefined) throw new Error('No event');
      expect(evolve({ status: 'revoked' }, event)).toEqual({ status: 'revoked' });
    }
  });
});

describe('The secret of an API key', () => {
  const now = new Date('2026-11-22T12:00:00.000Z');
  const soon = '2026-11-22T13:00:00.000Z';
  const past = '2026-11-22T12:00:00.000Z';

  it('is the only valid one after a rotation without an overlap', () => {
    expect(validSecretIds(active(CREATE, rotate('second')), now)).toEqual(['second']);
  });

  it('stays valid until the end of the overlap', () => {
    const key = active(CREATE, rotate('second', soon));
    expect(validSecretIds(key, now)).toEqual(['second', 'first']);
    expect(validSecretIds(key, new Date(soon))).toEqual(['second']);
    expect(secretEndsAt(key, 'first')).toBe(soon);
    expect(secretEndsAt(key, 'second')).toBeNull();
  });

  it('ends with the next rotation, even within the overlap of the one before', () => {
    const key = active(CREATE, rotate('second', soon), rotate('third', soon));
    expect(validSecretIds(key, now)).toEqual(['third', 'second']);
    expect(validSecretIds(active(CREATE, rotate('second', soon), rotate('third')), now)).toEqual([
      'third',
    ]);
  });

  it('ends with the key', () => {
    const key = active({ ...CREATE, expiresAt: past }, rotate('second', soon));
    expect(validSecretIds(key, now)).toEqual([]);
    expect(secretEndsAt(key, 'first')).toBe(past);
  });
});
