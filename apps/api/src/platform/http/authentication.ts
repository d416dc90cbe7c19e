import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { Credentials } from '#shared/composition/credentials';
import { unauthenticated } from '#twilio-wire/twilio-error';
import { CREDENTIALS } from '../injection-tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Sid of the account or API key that sent the request; empty for routes that need no credentials. */
    actor: string;
  }
}

/** Routes that need credentials, and paths below them without a route: they are answered with 401, not 404. */
const PROTECTED = /^\/v[12](\/|$|\?)/;
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
    const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
    if (encoded === undefined) return null;
    const decoded = Buffer.from(encoded, 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    const sid = decoded.slice(0, Math.max(colon, 0));
    const expected = this.#digests.get(sid);
    const equal = timingSafeEqual(digest(decoded.slice(colon + 1)), expected ?? this.#unknown);
    return equal && expected !== undefined ? sid : null;
  }
}

/**
 * Refuses requests without valid credentials, in a hook of Fastify: a guard of Nest would run only after the body is
 * read, and not at all for a path without a route. The hook looks at the route and not at the path, which can be
 * written in many ways: percent-encoded, or with scheme and host before it.
 */
export function requireAuthentication(
  fastify: FastifyInstance,
  authenticator: BasicAuthenticator,
): void {
  fastify.decorateRequest('actor', '');
  fastify.addHook('onRequest', (request, _reply, done) => {
    const isPublic = !PROTECTED.test(request.routeOptions.url ?? request.url);
    const sid = isPublic ? '' : authenticator.verify(request.headers.authorization);
    request.actor = sid ?? '';
    done(sid === null ? unauthenticated() : undefined);
  });
}
