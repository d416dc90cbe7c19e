import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { Credentials } from '#shared/composition/credentials';
import { TwilioError, unauthenticated } from '#twilio-wire/twilio-error';
import { CREDENTIALS } from '../injection-tokens.ts';
import type { FailedAuthentications } from './failed-authentications.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Sid of the account or API key that sent the request; empty for routes that need no credentials. */
    actor: string;
  }
}

/** Routes that need credentials, and paths below them without a route: they are answered with 401, not 404. */
const PROTECTED = /^\/v[12](\/|$|\?)/;
/** Delay of the answer to wrong credentials beyond the limit: it slows down a client that tries one after the other. */
const DELAY_MS = 250;
const digest = (value: string): Buffer => createHash('sha256').update(value).digest();

/**
 * Checks HTTP Basic credentials of the account or an API key. It compares only digests, in constant time, and an
 * unknown user name costs as much as a wrong password. Clients repeat their header: the last valid one is compared
 * whole, in constant time too, before anything is decoded.
 */
@Injectable()
export class BasicAuthenticator {
  readonly #digests: ReadonlyMap<string, Buffer>;
  readonly #unknown = digest('');
  #last: { readonly header: Buffer; readonly sid: string } | null = null;

  constructor(@Inject(CREDENTIALS) { accountSid, authToken, apiKeys }: Credentials) {
    const accounts = [[accountSid, authToken] as const, ...apiKeys];
    this.#digests = new Map(accounts.map(([sid, secret]) => [sid, digest(secret)]));
  }

  /** Sid of the account or API key whose secret the header carries, or null. */
  verify(authorization = ''): string | null {
    const header = Buffer.from(authorization);
    if (this.#last?.header.length === header.length && timingSafeEqual(this.#last.header, header)) {
      return this.#last.sid;
    }
    const sid = this.#check(authorization);
    if (sid !== null) this.#last = { header, sid };
    return sid;
  }

  #check(authorization: string): string | null {
    const { sid, secret } = decodeBasic(authorization);
    const expected = this.#digests.get(sid);
    const equal = timingSafeEqual(digest(secret), expected ?? this.#unknown);
    return equal && expected !== undefined ? sid : null;
  }
}

/** Name and password of a header; both are empty where it is malformed. */
function decodeBasic(authorization: string): { readonly sid: string; readonly secret: string } {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1] ?? '';
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return { sid: decoded.slice(0, Math.max(colon, 0)), secret: decoded.slice(colon + 1) };
}

/**
 * Refuses requests without valid credentials, in a hook of Fastify: a guard of Nest would run only after the body is
 * read, and not at all for a path without a route. The hook looks at the route and not at the path, which can be
 * written in many ways: percent-encoded, or with scheme and host before it.
 *
 * Credentials are checked before the limit of failures, so valid ones are never refused because of others that failed.
 */
export function requireAuthentication(
  fastify: FastifyInstance,
  authenticator: BasicAuthenticator,
  failures: FailedAuthentications,
): void {
  fastify.decorateRequest('actor', '');
  fastify.addHook('onRequest', (request, reply, done) => {
    const { authorization } = request.headers;
    const isPublic = !PROTECTED.test(request.routeOptions.url ?? request.url);
    const sid = isPublic ? '' : authenticator.verify(authorization);
    request.actor = sid ?? '';
    if (sid !== null) {
      done();
      return;
    }
    // Some clients send credentials only after they were asked for them, so none at all is not a failure.
    const retryAfter =
      authorization === undefined
        ? null
        : failures.record(request.raw, decodeBasic(authorization).sid);
    if (retryAfter === null) {
      done(unauthenticated());
      return;
    }
    void reply.header('Retry-After', retryAfter);
    setTimeout(done, DELAY_MS, new TwilioError(429, 20429, 'Too many wrong credentials'));
  });
}
