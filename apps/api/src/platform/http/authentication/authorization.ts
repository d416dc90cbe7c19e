import { notFound, TwilioError } from '#twilio-wire/twilio-error';
import type { Caller } from './caller.ts';

/** Routes that read although their method is POST. */
const READING_POSTS: ReadonlySet<string> = new Set(['/v2/Services/:serviceSid/Reachability/Query']);
/** Routes that sign access tokens, besides being writes. */
const SIGNING: ReadonlySet<string> = new Set(['/v2/Services/:serviceSid/Tokens']);
/** The lists of Services, which show a limited key its own. */
const SERVICES: ReadonlySet<string> = new Set([
  '/v2/Services',
  '/v1/Services',
  '/conversations/v1/Services',
]);

/** A request as far as it decides who may send it. */
export interface AuthorizedRequest {
  readonly method: string;
  /** Pattern of the route, such as `/v2/Services/:serviceSid`; undefined for a path without a route. */
  readonly route: string | undefined;
  readonly serviceSid: string | undefined;
  readonly url: string;
}

/**
 * Checks that a caller may send a request: `admin` may send all, `read` only requests that change nothing, and `sign`
 * alone none. A request for an access token needs both `admin` and `sign`. A key that is limited to Services may use what belongs to them and list them; to it, every other Service
 * does not exist. A route is refused unless a rule here allows it, so a new one is not open by mistake.
 *
 * @throws TwilioError 403 (20403), or 404 for a Service that the caller may not know
 */
export function assertAllowed({ scopes, services }: Caller, request: AuthorizedRequest): void {
  const { method, route, serviceSid, url } = request;
  if (!scopes.includes('admin') && !(scopes.includes('read') && isRead(request))) {
    throw forbidden('The API key lacks the scope for this request');
  }
  if (SIGNING.has(route ?? '') && !scopes.includes('sign')) {
    throw forbidden('The API key lacks the scope sign');
  }
  if (services === null) return;
  if (serviceSid !== undefined) {
    if (!services.includes(serviceSid)) throw notFound(url);
    return;
  }
  if (SERVICES.has(route ?? '') && isReadingMethod(method)) return;
  throw forbidden('The API key is limited to some Services');
}

function isRead({ method, route = '' }: AuthorizedRequest): boolean {
  return isReadingMethod(method) || (method === 'POST' && READING_POSTS.has(route));
}

function isReadingMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function forbidden(message: string): TwilioError {
  return new TwilioError(403, 20403, message);
}
