import { randomBytes, randomUUID } from 'node:crypto';
import type { ApiKeyScope } from '#domain';
import {
  encryptSecret,
  hashSecret,
  readSecret,
  type ApiKeySecretStore,
  type ReadSecret,
} from '#operational-state';

/** Random bytes of a secret: 43 characters. */
const SECRET_BYTES = 32;

/** A secret that was just made. It is shown once. */
export interface NewSecret {
  readonly secretId: string;
  readonly secret: string;
}

/** Makes, stores and reads the secrets of API keys. */
export class ApiKeySecrets {
  readonly #store: ApiKeySecretStore;
  readonly #loadEncryptionKey: () => Buffer;
  #encryptionKey: Buffer | null = null;

  /** @param loadEncryptionKey called when the first secret is encrypted or decrypted */
  constructor(store: ApiKeySecretStore, loadEncryptionKey: () => Buffer) {
    this.#store = store;
    this.#loadEncryptionKey = loadEncryptionKey;
  }

  /**
   * Makes and stores a secret for a key. A key with scope `sign` needs it to verify signatures, so it is encrypted. Of
   * all others only a digest is stored.
   */
  async add(keySid: string, scopes: readonly ApiKeyScope[]): Promise<NewSecret> {
    const secretId = randomUUID();
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    const protectedSecret = scopes.includes('sign')
      ? encryptSecret(secretId, secret, this.#key())
      : hashSecret(secretId, secret);
    await this.#store.put({ keySid, secretId, protectedSecret });
    return { secretId, secret };
  }

  /**
   * Returns a stored secret; null if it is missing.
   *
   * @throws UnreadableSecretError
   */
  async read(keySid: string, secretId: string): Promise<ReadSecret | null> {
    const protectedSecret = await this.#store.find(keySid, secretId);
    return protectedSecret === null
      ? null
      : readSecret(secretId, protectedSecret, () => this.#key());
  }

  remove(keySid: string, secretIds: readonly string[]): Promise<void> {
    return this.#store.remove(keySid, secretIds);
  }

  markUsed(keySid: string, usedAt: number): Promise<void> {
    return this.#store.markUsed(keySid, usedAt);
  }

  /** Returns the last use of those keys that were used, in milliseconds since the epoch. */
  lastUsed(keySids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.#store.lastUsed(keySids);
  }

  #key(): Buffer {
    return (this.#encryptionKey ??= this.#loadEncryptionKey());
  }
}
