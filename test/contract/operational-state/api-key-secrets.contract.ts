import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ApiKeySecretStore } from '#operational-state';
import type { OpenedTwice, OpenTwice } from './opened.ts';

const KEY = `SK${'1'.repeat(32)}`;
const OTHER = `SK${'2'.repeat(32)}`;
const secret = (secretId: string, keySid = KEY) => ({
  keySid,
  secretId,
  protectedSecret: `protected ${secretId}`,
});

/** What every store of API key secrets does. */
export function apiKeySecretsContract(adapter: string, open: OpenTwice): void {
  describe(`The secrets of API keys in ${adapter}`, () => {
    let opened: OpenedTwice;
    let store: ApiKeySecretStore;

    beforeEach(async () => {
      opened = await open();
      store = opened.one.apiKeySecrets;
    });
    afterEach(() => opened.close());

    it('are found by key and id', async () => {
      await store.put(secret('a'));
      await store.put(secret('b'));
      expect(await store.find(KEY, 'a')).toBe('protected a');
      expect(await store.find(KEY, 'b')).toBe('protected b');
      expect(await store.find(OTHER, 'a')).toBeNull();
      expect(await store.find(KEY, 'c')).toBeNull();
    });

    it('are removed by key and id', async () => {
      for (const id of ['a', 'b', 'c']) await store.put(secret(id));
      await store.put(secret('a', OTHER));
      await store.remove(KEY, ['a', 'c', 'unknown']);
      await store.remove(KEY, []);
      expect(await store.find(KEY, 'a')).toBeNull();
      expect(await store.find(KEY, 'b')).toBe('protected b');
      expect(await store.find(KEY, 'c')).toBeNull();
      expect(await store.find(OTHER, 'a')).toBe('protected a');
    });

    it('have a last use, which never goes back', async () => {
      expect(await store.lastUsed([KEY])).toEqual(new Map());
      await store.markUsed(KEY, 2_000);
      await store.markUsed(KEY, 1_000);
      await store.markUsed(OTHER, 500);
      expect(await store.lastUsed([KEY, OTHER, `SK${'3'.repeat(32)}`])).toEqual(
        new Map([
          [KEY, 2_000],
          [OTHER, 500],
        ]),
      );
      expect(await store.lastUsed([])).toEqual(new Map());
    });
  });
}
