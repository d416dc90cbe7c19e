/** One secret of an API key, protected by `ApiKeySecrets`. */
export interface StoredApiKeySecret {
  readonly keySid: string;
  /** The id that the log has for this secret. */
  readonly secretId: string;
  /** A digest or a ciphertext, never the secret itself. */
  readonly protectedSecret: string;
}

/**
 * Secrets of API keys, and when keys were last used. The log decides which key and which secret is valid: a secret in
 * here that the log does not name is not valid, and a key whose secret is missing here is not valid either.
 */
export interface ApiKeySecretStore {
  /** Adds a secret. */
  put(secret: StoredApiKeySecret): Promise<void>;
  /** Returns the protected secret; null if it is missing. */
  find(keySid: string, secretId: string): Promise<string | null>;
  /** Removes secrets of a key. Ids that are unknown are ignored. */
  remove(keySid: string, secretIds: readonly string[]): Promise<void>;
  /** Remembers the time of a use, in milliseconds since the epoch, unless a later one is known. */
  markUsed(keySid: string, usedAt: number): Promise<void>;
  /** Returns the last use of those keys that were used, in milliseconds since the epoch. */
  lastUsed(keySids: readonly string[]): Promise<ReadonlyMap<string, number>>;
}
