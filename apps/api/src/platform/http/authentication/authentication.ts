import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isSid } from '#domain';
import type { Credentials } from '#shared/composition/credentials';
import { TwilioError, unauthenticated } from '#twilio-wire/twilio-error';
import { ApiKeyCredentials } from '../../api-keys/api-key-credentials.ts';
import { CREDENTIALS } from '../../injection-tokens.ts';
import { assertAllowed } from './authorization.ts';
import { unrestricted, type Caller } from './caller.ts';
import type { FailedAuthentications } from './failed-authentications.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent the request. */
    caller: Caller;
    /** Template of the route; undefined without one. Fastify's `routeOptions` is made anew at each use. */
    route: string | undefined;
  }
}

/** Routes that need credentials, and paths below them without a route: they are answered with 401, not 404. */
const PROTECTED = /^\/(v[12]|conversations)(\/|$|\?)/;
/** The caller of a request that needs no credentials. */
const NOBODY: Caller = { sid: '', scopes: [], services: null, secret: null };
/** Delay of the answer to wrong credentials beyond the limit: it slows down a client that tries one after the other. */
const DELAY_MS = 250;
const digest = (value: string): Buffer => createHash('sha256').update(value).digest();

/**
 * Checks HTTP Basic credentials of the account or an API key. It compares only digests, in constant time, and an
 * unknown user name costs as much as a wrong password. Clients repeat their header: the last valid one of the account
 * or a key of the settings, which do not change, is compared whole, in constant time too, before anything is decoded.
 */
@Injectable()
export class BasicAuthenticator {
  readonly #digests: ReadonlyMap<string, Buffer>;
  readonly #unknown = digest('');
  #last: { readonly header: Buffer; readonly caller: Caller } | null = null;

  constructor(
    @Inject(CREDENTIALS) { accountSid, authToken, apiKeys }: Credentials,
    @Inject(ApiKeyCredentials) private readonly keys: Pick<ApiKeyCredentials, 'authenticate'>,
  ) {
    const accounts = [[accountSid, authToken] as const, ...apiKeys];
    this.#digests = new Map(accounts.map(([sid, secret]) => [sid, digest(secret)]));
  }

  /**
   * Returns the caller whose secret the header carries, or null. Only the secret of a key that was made over the API
   * has to be waited for.
   *
   * @throws EventStoreUnavailableError while those keys are not loaded
   */
  verify(authorization = ''): Caller | null | Promise<Caller | null> {
    const header = Buffer.from(authorization);
    if (this.#last?.header.length === header.length && timingSafeEqual(this.#last.header, header)) {
      return this.#last.caller;
    }
    const { sid, secret } = decodeBasic(authorization);
    const expected = this.#digests.get(sid);
    const isEqual = timingSafeEqual(digest(secret), expected ?? this.#unknown);
    if (expected === undefined) return isSid('SK', sid) ? this.#ofKey(sid, secret) : null;
    if (!isEqual) return null;
    const caller = unrestricted(sid);
    this.#last = { header, caller };
    return caller;
  }

  async #ofKey(keySid: string, secret: string): Promise<Caller | null> {
    const found = await this.keys.authenticate(keySid, secret);
    if (found === null) return null;
    const { key, secretId } = found;
    const { sid, scopes, services } = key;
    return { sid, scopes, services, secret: { keySid, secretId } };
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
 * Refuses requests without valid credentials, or whose credentials lack the right, in a hook of Fastify: a guard of Nest would run only after the body is
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
  fastify.decorateRequest('caller');
  fastify.decorateRequest('route');
  fastify.addHook('onRequest', (request, reply, done) => {
    request.caller = NOBODY;
    const route = request.routeOptions.url;
    request.route = route;
    if (!PROTECTED.test(route ?? request.url)) {
      done();
      return;
    }
    const verified = authenticator.verify(request.headers.authorization);
    const decide = (caller: Caller | null): void => {
      if (caller === null) refuse(request, reply, failures, done);
      else authorize(request, caller, done);
    };
    if (verified instanceof Promise)
      verified.then(decide, (error: unknown) => done(asError(error)));
    else decide(verified);
  });
}

type Done = (error?: Error) => void;

function authorize(request: FastifyRequest, caller: Caller, done: Done): void {
  const { method, params, url, route } = request;
  try {
    assertAllowed(caller, { method, route, serviceSid: sidIn(params), url });
  } catch (error) {
    done(asError(error));
    return;
  }
  request.caller = caller;
  done();
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** The Service in the path of a request. */
function sidIn(params: unknown): string | undefined {
  if (typeof params !== 'object' || params === null || !('serviceSid' in params)) return undefined;
  return typeof params.serviceSid === 'string' ? params.serviceSid : undefined;
}

function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  failures: FailedAuthentications,
  done: Done,
): void {
  const { authorization } = request.headers;
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
}
