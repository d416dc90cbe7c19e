import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  SignJWT,
  type JWTHeaderParameters,
} from 'jose';
import { isSid, NO_WATCH_GRANT, type WatchGrant } from '#domain';
import type { Credentials } from '#shared/composition/credentials';
import { ApiKeyCredentials, type SigningSecret } from '../api-keys/api-key-credentials.ts';
import type { SecretRef } from '../api-keys/api-key-directory.ts';
import { toHmacKey, type HmacKey } from '../api-keys/hmac-key.ts';
import { CLOCK, CREDENTIALS, type Clock } from '../injection-tokens.ts';
import { issuedAtOf } from './issued-at.ts';
import { TokenError, type TokenErrorReason } from './token-error.ts';
import { readGrants, watchGrantClaims } from './token-grants.ts';

/** Content type that Twilio's tokens carry in their header. */
const CONTENT_TYPE = 'twilio-fpa;v=1';
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

const Times = Compile(
  Type.Object({ iat: Type.Optional(Type.Number()), nbf: Type.Optional(Type.Number()) }),
);

/**
 * Access tokens in Twilio's format: JWTs with a ChatGrant or the older IpMessagingGrant, signed with HS256 and the
 * secret of an API key that may sign tokens of the Service. The algorithm is pinned, so a token cannot choose `none` or
 * another one. WebCrypto's `verify` compares the signature in constant time.
 */
@Injectable()
export class AccessTokens {
  readonly #accountSid: string;
  /** Keys of the settings, which may sign tokens of every Service. */
  readonly #keys: ReadonlyMap<string, HmacKey>;

  constructor(
    @Inject(CREDENTIALS) { accountSid, apiKeys }: Credentials,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ApiKeyCredentials)
    private readonly credentials: Pick<ApiKeyCredentials, 'signingSecrets' | 'acceptSignature'>,
  ) {
    this.#accountSid = accountSid;
    this.#keys = new Map([...apiKeys].map(([sid, secret]) => [sid, toHmacKey(secret)]));
  }

  /** @throws TokenError with Twilio's code for the error */
  async verify(token: string): Promise<AccessToken> {
    const { issuer, issuedAt, expiresAt, subject } = readClaims(token);
    if (subject !== this.#accountSid) throw new TokenError('issuer');
    const now = this.clock().getTime() / 1000;
    const { payload, signer } = await this.#verifiedBy(await this.#signersOf(issuer), token);
    // No skew for the expiry: a client that it let in would be disconnected at once, and reconnect.
    if (expiresAt <= now) throw new TokenError('expired');
    // A token must not last longer by naming a future start, or none.
    const beginsAt = Math.min(issuedAt ?? now, now + CLOCK_SKEW_SECONDS);
    if (expiresAt - beginsAt > LONGEST_LIFETIME_SECONDS) throw new TokenError('lifetime');
    const { identity, chat, watchGrant } = readGrants(payload['grants']);
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
      issuedAt: issuedAtOf(payload),
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
    return new SignJWT({ grants })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT', cty: CONTENT_TYPE })
      .setJti(`${keySid}-${issuedAt}-${randomBytes(4).toString('hex')}`)
      .setIssuer(keySid)
      .setSubject(this.#accountSid)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ttlSeconds)
      .sign(key);
  }

  /** Secrets with which a key may have signed a token, the likeliest first. */
  async #signersOf(keySid: string): Promise<readonly Signer[]> {
    const key = this.#keys.get(keySid);
    if (key !== undefined) return [{ key, secret: null, services: null, endsAt: null }];
    const secrets = isSid('SK', keySid) ? await this.credentials.signingSecrets(keySid) : [];
    if (secrets.length === 0) throw new TokenError('issuer');
    return secrets.map(toSigner);
  }

  /** Verifies a token with the first secret that fits; within the overlap of a rotation there are two. */
  async #verifiedBy(
    signers: readonly Signer[],
    token: string,
  ): Promise<{ readonly payload: Readonly<Record<string, unknown>>; readonly signer: Signer }> {
    let refusal = new TokenError('issuer');
    for (const signer of signers) {
      try {
        return { payload: await this.#verified(token, signer.key), signer };
      } catch (error) {
        if (!(error instanceof TokenError)) throw error;
        refusal = error;
      }
    }
    throw refusal;
  }

  async #verified(token: string, key: HmacKey): Promise<Readonly<Record<string, unknown>>> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        clockTolerance: CLOCK_SKEW_SECONDS,
        currentDate: this.clock(),
      });
      if (!isTwilioHeader(protectedHeader)) throw new TokenError('header');
      return payload;
    } catch (error) {
      throw toTokenError(error);
    }
  }
}

/** A secret that may have signed a token. */
interface Signer {
  readonly key: HmacKey;
  /** Null for a key of the settings. */
  readonly secret: SecretRef | null;
  readonly services: readonly string[] | null;
  readonly endsAt: Date | null;
}

function toSigner({ keySid, secretId, key, services, endsAt }: SigningSecret): Signer {
  return { key, secret: { keySid, secretId }, services, endsAt };
}

interface UnverifiedClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly issuedAt: number | undefined;
  readonly expiresAt: number;
}

/** The claims that name the key of the signature. They are not trusted before the signature is verified. */
function readClaims(token: string): UnverifiedClaims {
  const claims: Readonly<Record<string, unknown>> = decoded(() => decodeJwt(token), 'invalid');
  decoded(() => decodeProtectedHeader(token), 'header');
  const { iss, sub, exp } = claims;
  if (typeof iss !== 'string' || typeof sub !== 'string') throw new TokenError('issuer');
  if (typeof exp !== 'number') throw new TokenError('expired');
  if (!Times.Check(claims)) throw new TokenError('invalid');
  return { issuer: iss, subject: sub, issuedAt: claims.iat ?? claims.nbf, expiresAt: exp };
}

function decoded<T>(decode: () => T, otherwise: TokenErrorReason): T {
  try {
    return decode();
  } catch {
    throw new TokenError(otherwise);
  }
}

function isTwilioHeader({ cty, typ }: JWTHeaderParameters): boolean {
  return cty === CONTENT_TYPE && (typ === undefined || typ === 'JWT');
}

function toTokenError(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new TokenError('expired');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new TokenError(error.claim === 'nbf' ? 'notYetValid' : 'invalid');
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return new TokenError('header');
  // A critical header that this service does not know.
  if (error instanceof errors.JOSENotSupported) return new TokenError('header');
  if (error instanceof errors.JWSSignatureVerificationFailed) return new TokenError('signature');
  return error instanceof errors.JOSEError ? new TokenError('invalid') : error;
}
