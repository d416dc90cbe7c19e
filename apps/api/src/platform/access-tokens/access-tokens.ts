import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { isSid, NO_WATCH_GRANT, type WatchGrant } from '#domain';
import type { Credentials } from '#shared/composition/credentials';
import { ApiKeyCredentials, type SigningSecret } from '../api-keys/api-key-credentials.ts';
import type { SecretRef } from '../api-keys/api-key-directory.ts';
import { TokenKey } from '../api-keys/token-key.ts';
import { CLOCK, CREDENTIALS, type Clock } from '../injection-tokens.ts';
import { issuedAtOf } from './issued-at.ts';
import { readToken, TOKEN_CONTENT_TYPE } from './read-token.ts';
import { TokenError, toTokenError } from './token-error.ts';
import { readGrants, watchGrantClaims } from './token-grants.ts';

/** Twilio's longest lifetime of a token, in seconds. */
export const LONGEST_LIFETIME_SECONDS = 86_400;
/** Seconds by which the clock of the token's issuer may differ from ours. */
const CLOCK_SKEW_SECONDS = 30;

/** The claims of a valid token. */
export interface AccessToken {
  readonly identity: string;
  readonly serviceSid: string;
  /** When the token expires, or the secret that signed it ends, whichever is first. */
  readonly expiresAt: Date;
  /** The secret that signed it; null for a key of the settings, which ends with the process. */
  readonly signedBy: SecretRef | null;
  /** Seconds since 1970: `iat`, else `nbf`, else the time in `jti`, where Twilio's libraries put it; null if none. */
  readonly issuedAt: number | null;
  /** Users whom its holder may watch where the Service's policy is `granted`. */
  readonly watchGrant: WatchGrant;
  /** The application's name for the device that the token is for, where it has one. */
  readonly endpointId?: string;
}

/**
 * Access tokens in Twilio's format: JWTs with a ChatGrant or the older IpMessagingGrant, signed with HS256 and the
 * secret of an API key that may sign tokens of the Service. `fast-jwt` verifies the signature; the rest are Twilio's rules.
 */
@Injectable()
export class AccessTokens {
  readonly #accountSid: string;
  /** Keys of the settings, which may sign tokens of every Service. */
  readonly #keys: ReadonlyMap<string, TokenKey>;

  constructor(
    @Inject(CREDENTIALS) { accountSid, apiKeys }: Credentials,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ApiKeyCredentials)
    private readonly credentials: Pick<ApiKeyCredentials, 'signingSecrets' | 'acceptSignature'>,
  ) {
    this.#accountSid = accountSid;
    this.#keys = new Map([...apiKeys].map(([sid, secret]) => [sid, new TokenKey(secret)]));
  }

  /** @throws TokenError with Twilio's code for the error */
  async verify(token: string): Promise<AccessToken> {
    const { issuer, issuedAt, beginsAt = 0, expiresAt, subject, claims } = readToken(token);
    if (subject !== this.#accountSid) throw new TokenError('issuer');
    const now = this.clock().getTime() / 1000;
    const signer = findSigner(await this.#signersOf(issuer), token);
    if (beginsAt > now + CLOCK_SKEW_SECONDS) throw new TokenError('notYetValid');
    // No skew for the expiry: a client that it let in would be disconnected at once, and reconnect.
    if (expiresAt <= now) throw new TokenError('expired');
    // A token must not last longer by naming a future start, or none.
    const countsFrom = Math.min(issuedAt ?? now, now + CLOCK_SKEW_SECONDS);
    if (expiresAt - countsFrom > LONGEST_LIFETIME_SECONDS) throw new TokenError('lifetime');
    const { identity, chat, watchGrant } = readGrants(claims['grants']);
    if (signer.services?.includes(chat.service_sid) === false) throw new TokenError('grants');
    if (signer.secret !== null && !this.credentials.acceptSignature(signer.secret)) {
      throw new TokenError('issuer');
    }
    const endsAt = signer.endsAt?.getTime() ?? Infinity;
    return {
      identity,
      serviceSid: chat.service_sid,
      expiresAt: new Date(Math.min(expiresAt * 1000, endsAt)),
      signedBy: signer.secret,
      issuedAt: issuedAtOf(claims),
      watchGrant,
      ...(chat.endpoint_id === undefined ? {} : { endpointId: chat.endpoint_id }),
    };
  }

  /** Signs a token with the first API key, as the application's back end does in production. */
  async mint(
    serviceSid: string,
    identity: string,
    ttlSeconds: number,
    watchGrant: WatchGrant = NO_WATCH_GRANT,
  ): Promise<string> {
    const [keySid, key] = [...this.#keys][0] ?? [];
    if (keySid === undefined || key === undefined) throw new Error('There is no API key');
    const issuedAt = Math.floor(this.clock().getTime() / 1000);
    const grants = { identity, chat: { service_sid: serviceSid }, ...watchGrantClaims(watchGrant) };
    const claims = {
      jti: `${keySid}-${issuedAt}-${randomBytes(4).toString('hex')}`,
      iss: keySid,
      sub: this.#accountSid,
      iat: issuedAt,
      exp: issuedAt + ttlSeconds,
      grants,
    };
    return key.sign(claims, TOKEN_CONTENT_TYPE);
  }

  /** Secrets with which a key may have signed a token, the likeliest first. */
  async #signersOf(keySid: string): Promise<readonly Signer[]> {
    const key = this.#keys.get(keySid);
    if (key !== undefined) return [{ key, secret: null, services: null, endsAt: null }];
    const secrets = isSid('SK', keySid) ? await this.credentials.signingSecrets(keySid) : [];
    if (secrets.length === 0) throw new TokenError('issuer');
    return secrets.map(toSigner);
  }
}

/** A secret that may have signed a token. */
interface Signer {
  readonly key: TokenKey;
  /** Null for a key of the settings. */
  readonly secret: SecretRef | null;
  readonly services: readonly string[] | null;
  readonly endsAt: Date | null;
}

function toSigner({ keySid, secretId, key, services, endsAt }: SigningSecret): Signer {
  return { key, secret: { keySid, secretId }, services, endsAt };
}

/**
 * Returns the secret that signed a token: the first that fits. Within the overlap of a rotation there are two.
 *
 * @throws TokenError if none fits
 */
function findSigner(signers: readonly Signer[], token: string): Signer {
  let refusal: unknown = null;
  for (const signer of signers) {
    try {
      signer.key.verify(token);
      return signer;
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal === null ? new TokenError('issuer') : toTokenError(refusal);
}
