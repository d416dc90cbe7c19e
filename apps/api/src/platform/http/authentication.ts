import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Credentials } from '#shared/composition/credentials';
import { unauthenticated } from '#twilio-wire/twilio-error';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose credentials the request carries: the account's sid or an API key's; empty outside the API. */
    actor: string;
  }
}

/** Routes that need credentials, and paths below them that lead nowhere. */
const PROTECTED = /^\/v[12](\/|$|\?)/;
const digest = (value: string): Buffer => createHash('sha256').update(value).digest();

/**
 * Checks HTTP Basic credentials of the account or an API key. Only digests are compared, in constant time, and an
 * unknown user name costs as much as a wrong password. A client sends the same header again and again: the last
 * one that proved right is compared whole, in constant time too, before anything is decoded.
 */
export class BasicAuthentication {
  readonly #digests: ReadonlyMap<string, Buffer>;
  readonly #nobody = digest('');
  #last: { readonly header: Buffer; readonly sid: string } | null = null;

  constructor({ accountSid, authToken, apiKeys }: Credentials) {
    const accounts = [[accountSid, authToken] as const, ...apiKeys];
    this.#digests = new Map(accounts.map(([sid, secret]) => [sid, digest(secret)]));
  }

  /** Sid whose secret the header proves, or null. */
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
    const equal = timingSafeEqual(digest(decoded.slice(colon + 1)), expected ?? this.#nobody);
    return equal && expected !== undefined ? sid : null;
  }
}

/**
 * Refuses unauthenticated requests before their body is read. What counts is the route that was found and not the
 * path that led to it, which can be written in many ways: percent-encoded, or with scheme and host before it.
 */
export function requireAuthentication(
  fastify: FastifyInstance,
  authentication: BasicAuthentication,
): void {
  fastify.decorateRequest('actor', '');
  fastify.addHook('onRequest', (request, _reply, done) => {
    const open = !PROTECTED.test(request.routeOptions.url ?? request.url);
    const sid = open ? '' : authentication.verify(request.headers.authorization);
    request.actor = sid ?? '';
    done(sid === null ? unauthenticated() : undefined);
  });
}
