import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { secretEndsAt, type ActiveApiKey } from '#domain';
import { digestOf, UnreadableSecretError, type ReadSecret } from '#operational-state';
import { ApiKeySecrets } from '#shared/use-cases/api-key-secrets';
import { CLOCK, type Clock } from '../injection-tokens.ts';
import { ApiKeyDirectory, type SecretRef } from './api-key-directory.ts';
import { TokenKey } from './token-key.ts';
import { logFailure } from '../log-failure.ts';

/** Shortest time between two notes of the use of a key, in milliseconds. */
const USE_INTERVAL_MS = 60_000;

/** A secret that may sign access tokens. */
export interface SigningSecret extends SecretRef {
  readonly key: TokenKey;
  /** Sids of the Services whose tokens it may sign; null for all. */
  readonly services: readonly string[] | null;
  /** When the secret ends; null if only a change of the key ends it. */
  readonly endsAt: Date | null;
}

/** A key, and which of its secrets let the sender of a request in. */
export interface AuthenticatedKey {
  readonly key: ActiveApiKey;
  readonly secretId: string;
}

/** A secret in memory. */
interface KnownSecret extends ReadSecret {
  tokenKey: TokenKey | null;
}

/** Checks secrets of API keys that the log has. A key whose secret is missing or unreadable is not valid. */
@Injectable()
export class ApiKeyCredentials {
  readonly #logger = new Logger(ApiKeyCredentials.name);
  /** By id, those of valid secrets that were needed. */
  readonly #secrets = new Map<string, KnownSecret>();
  /** When the use of a key was last noted, by sid. */
  readonly #notedUses = new Map<string, number>();

  constructor(
    private readonly directory: ApiKeyDirectory,
    private readonly secrets: ApiKeySecrets,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    directory.onChange(() => this.#forgetEnded());
  }

  /**
   * Returns the key whose valid secret this is, and the id of the secret; null if there is none.
   *
   * @throws EventStoreUnavailableError while the keys are not loaded
   */
  async authenticate(keySid: string, secret: string): Promise<AuthenticatedKey | null> {
    const key = await this.directory.find(keySid);
    if (key === null) return null;
    for (const secretId of this.directory.validSecrets(key)) {
      const known = await this.#read(keySid, secretId);
      if (known === null || !timingSafeEqual(digestOf(secretId, secret), known.digest)) continue;
      // The key may have been revoked while its secret was read.
      if (!this.directory.isValid({ keySid, secretId })) return null;
      this.#noteUse(keySid);
      return { key, secretId };
    }
    return null;
  }

  /**
   * Returns the valid secrets of a key that may sign access tokens, the newest first; none for any other key.
   *
   * @throws EventStoreUnavailableError while the keys are not loaded
   */
  async signingSecrets(keySid: string): Promise<readonly SigningSecret[]> {
    const key = await this.directory.find(keySid);
    if (key?.scopes.includes('sign') !== true) return [];
    const found: SigningSecret[] = [];
    for (const secretId of this.directory.validSecrets(key)) {
      const known = await this.#read(keySid, secretId);
      if (known === null || known.secret === null) continue;
      known.tokenKey ??= new TokenKey(known.secret);
      const end = secretEndsAt(key, secretId);
      const { sid, services } = key;
      const endsAt = end === null ? null : new Date(end);
      found.push({ keySid: sid, secretId, key: known.tokenKey, services, endsAt });
    }
    return found;
  }

  /** Notes the use of a secret that has signed a token; false if the secret has ended while that was verified. */
  acceptSignature(secret: SecretRef): boolean {
    if (!this.directory.isValid(secret)) return false;
    this.#noteUse(secret.keySid);
    return true;
  }

  async #read(keySid: string, secretId: string): Promise<KnownSecret | null> {
    const known = this.#secrets.get(secretId);
    if (known !== undefined) return known;
    try {
      const read = await this.secrets.read(keySid, secretId);
      if (read === null) return null;
      const added = { ...read, tokenKey: null };
      if (this.directory.isValid({ keySid, secretId })) this.#secrets.set(secretId, added);
      return added;
    } catch (error) {
      if (!(error instanceof UnreadableSecretError)) throw error;
      this.#logger.error(`API key ${keySid} is not valid: ${error.message}`);
      return null;
    }
  }

  #forgetEnded(): void {
    // Few secrets are in memory, and keys change rarely: reading some again costs less than knowing which have ended.
    this.#secrets.clear();
  }

  #noteUse(keySid: string): void {
    const now = this.clock().getTime();
    if (now - (this.#notedUses.get(keySid) ?? 0) < USE_INTERVAL_MS) return;
    this.#notedUses.set(keySid, now);
    this.secrets.markUsed(keySid, now).catch((error: unknown) => {
      logFailure(this.#logger, 'warn', `Cannot note the use of API key ${keySid}`, error);
    });
  }
}
