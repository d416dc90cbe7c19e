import { createSecretKey, randomBytes, type webcrypto } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  SignJWT,
  type JWTHeaderParameters,
} from 'jose';
import { assertIdentity, DomainError, isSid } from '#domain';
import type { Credentials } from '#shared/composition/credentials';
import { CLOCK, CREDENTIALS, type Clock } from '../injection-tokens.ts';
import { TokenError, type TokenErrorReason } from './token-error.ts';

/** Content type that Twilio's tokens carry in their header. */
const CONTENT_TYPE = 'twilio-fpa;v=1';
/** Twilio's longest lifetime of a token, in seconds. */
export const LONGEST_LIFETIME_SECONDS = 86_400;
/** Seconds by which the clock of whoever minted a token may differ from ours. */
const CLOCK_SKEW_SECONDS = 30;

/** What a valid token says. */
export interface AccessToken {
  readonly identity: string;
  readonly serviceSid: string;
  readonly expiresAt: Date;
  /** What the application calls the device that the token is for, where it says so. */
  readonly endpointId?: string;
}

const Times = Compile(
  Type.Object({ iat: Type.Optional(Type.Number()), nbf: Type.Optional(Type.Number()) }),
);

const Grants = Type.Object({
  identity: Type.String(),
  chat: Type.Object({
    service_sid: Type.String(),
    endpoint_id: Type.Optional(Type.String({ minLength: 1 })),
  }),
});
const grantsValidator = Compile(Grants);

/**
 * Access tokens in Twilio's format: JWTs with a ChatGrant, signed with HS256 and the secret of an API key. The
 * algorithm is pinned, so neither `none` nor another one can be smuggled in; the signature is checked by WebCrypto's
 * `verify`, which compares in constant time.
 */
@Injectable()
export class AccessTokens {
  readonly #accountSid: string;
  readonly #keys: ReadonlyMap<string, webcrypto.CryptoKey>;
  readonly #clock: Clock;

  constructor(@Inject(CREDENTIALS) credentials: Credentials, @Inject(CLOCK) clock: Clock) {
    this.#accountSid = credentials.accountSid;
    this.#keys = new Map([...credentials.apiKeys].map(([sid, secret]) => [sid, toKey(secret)]));
    this.#clock = clock;
  }

  /** @throws TokenError with Twilio's code for what is wrong */
  async verify(token: string): Promise<AccessToken> {
    const { issuer, issuedAt, expiresAt, subject } = readClaims(token);
    const key = this.#keys.get(issuer);
    if (key === undefined || subject !== this.#accountSid) throw new TokenError('issuer');
    const now = this.#clock().getTime() / 1000;
    const payload = await this.#verified(token, key);
    // The skew is not for the end: a socket that it let in would be closed at once, and come again.
    if (expiresAt <= now) throw new TokenError('expired');
    // A token may place its beginning in the future, or leave it out, to last longer.
    const beginsAt = Math.min(issuedAt ?? now, now + CLOCK_SKEW_SECONDS);
    if (expiresAt - beginsAt > LONGEST_LIFETIME_SECONDS) throw new TokenError('lifetime');
    const { identity, chat } = readGrants(payload['grants']);
    return {
      identity,
      serviceSid: chat.service_sid,
      expiresAt: new Date(expiresAt * 1000),
      ...(chat.endpoint_id === undefined ? {} : { endpointId: chat.endpoint_id }),
    };
  }

  /** Signs a token with the first API key, as an application's back end would do. */
  async mint(serviceSid: string, identity: string, ttlSeconds: number): Promise<string> {
    const [keySid, key] = [...this.#keys][0] ?? [];
    if (keySid === undefined || key === undefined) throw new Error('There is no API key');
    const issuedAt = Math.floor(this.#clock().getTime() / 1000);
    return new SignJWT({ grants: { identity, chat: { service_sid: serviceSid } } })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT', cty: CONTENT_TYPE })
      .setJti(`${keySid}-${issuedAt}-${randomBytes(4).toString('hex')}`)
      .setIssuer(keySid)
      .setSubject(this.#accountSid)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ttlSeconds)
      .sign(key);
  }

  async #verified(
    token: string,
    key: webcrypto.CryptoKey,
  ): Promise<Readonly<Record<string, unknown>>> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        clockTolerance: CLOCK_SKEW_SECONDS,
        currentDate: this.#clock(),
      });
      if (!isTwilioHeader(protectedHeader)) throw new TokenError('header');
      return payload;
    } catch (error) {
      throw toTokenError(error);
    }
  }
}

/** As WebCrypto wants it: made of anything else at each use, it would be half of what a verification costs. */
function toKey(secret: string): webcrypto.CryptoKey {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return createSecretKey(secret, 'utf8').toCryptoKey(algorithm, false, ['sign', 'verify']);
}

interface UnverifiedClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly issuedAt: number | undefined;
  readonly expiresAt: number;
}

/** Claims that say which key the signature must be checked with; not to be believed before it is. */
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

function readGrants(grants: unknown): Static<typeof Grants> {
  if (!grantsValidator.Check(grants)) throw new TokenError('grants');
  if (!isSid('IS', grants.chat.service_sid)) throw new TokenError('grants');
  try {
    assertIdentity(grants.identity);
  } catch (error) {
    throw error instanceof DomainError ? new TokenError('grants') : error;
  }
  return grants;
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
  // A header that demands what nobody here knows.
  if (error instanceof errors.JOSENotSupported) return new TokenError('header');
  if (error instanceof errors.JWSSignatureVerificationFailed) return new TokenError('signature');
  return error instanceof errors.JOSEError ? new TokenError('invalid') : error;
}
