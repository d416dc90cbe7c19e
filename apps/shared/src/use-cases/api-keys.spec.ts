import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ApiKeyScope } from '#domain';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import { Aggregates } from './aggregates.ts';
import { ApiKeySecrets } from './api-key-secrets.ts';
import { createApiKey, OWNER, rotateApiKey, type ApiKeyStores } from './api-keys.ts';
import { ForbiddenError, RefusedError } from './refused-error.ts';

const NOON = new Date('2026-03-04T12:00:00.000Z');
const LATER = '2026-03-04T13:00:00.000Z';

describe('Issuing an API key', () => {
  let stores: ApiKeyStores;
  let stored: Map<string, string>;

  beforeEach(() => {
    stored = new Map();
    const secrets = new ApiKeySecrets(
      {
        put: async ({ secretId, protectedSecret }) => void stored.set(secretId, protectedSecret),
        find: async (_, secretId) => stored.get(secretId) ?? null,
        remove: async (_, ids) => ids.forEach((id) => stored.delete(id)),
        markUsed: async () => undefined,
        lastUsed: async () => new Map(),
      },
      () => Buffer.alloc(32),
    );
    stores = { aggregates: new Aggregates(new InMemoryEventStore(), () => NOON), secrets };
  });

  const context = () => ({ commandId: randomUUID(), correlationId: 'c', actor: 'cli:test' });
  const create = (
    scopes: readonly ApiKeyScope[],
    expiresAt: string | null = null,
    issuer = OWNER,
  ) =>
    createApiKey(stores, {
      friendlyName: 'key',
      scopes,
      services: null,
      expiresAt,
      issuer,
      now: NOON,
      context: context(),
    });
  const rotate = (keySid: string, now = NOON, issuer = OWNER) =>
    rotateApiKey(stores, { keySid, overlapSeconds: 0, issuer, now, context: context() });

  it('is refused to those that lack a scope of the key', async () => {
    const admin = { scopes: ['admin' as const] };
    await expect(create(['read', 'sign'], null, admin)).rejects.toThrow(ForbiddenError);
    const { keySid } = await create(['sign']);
    await expect(rotate(keySid, NOON, admin)).rejects.toThrow(/lacks the scope sign/);
    await create(['admin', 'read'], null, admin);
    expect(stored.size).toBe(2);
  });

  it('is refused for an expiry that has passed, and for a key that has expired', async () => {
    await expect(create(['read'], NOON.toISOString())).rejects.toThrow(RefusedError);
    const { keySid } = await create(['read'], LATER);
    await expect(rotate(keySid, new Date(LATER))).rejects.toThrow(/has expired/);
    expect(stored.size).toBe(1);
  });

  it('stores the new secret alone, once the old one has ended', async () => {
    const { keySid, secret } = await create(['read']);
    const rotated = await rotate(keySid);
    expect(rotated.secret).not.toBe(secret);
    expect(stored.size).toBe(1);
  });
});
