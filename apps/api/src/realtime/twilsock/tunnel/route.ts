import { notFound, TwilioError } from '#twilio-wire/twilio-error';
import type { TunnelCaller } from './tunnel-caller.ts';
import type { TunnelAnswer, TunnelRequest } from './tunnel-request.ts';

/** One call of a handler. `pathParams` has the named groups of the path's pattern, not decoded. */
export interface TunnelCall {
  readonly request: TunnelRequest;
  readonly caller: TunnelCaller;
  readonly pathParams: Readonly<Record<string, string>>;
}

type TunnelHandler = (call: TunnelCall) => TunnelAnswer | Promise<TunnelAnswer>;

/**
 * A path and its methods. A path is matched as the client sent it, neither resolved nor decoded, so that each has one
 * spelling. The group `service` of the pattern must match the caller's Service.
 */
export interface Route {
  readonly pattern: RegExp;
  readonly methods: Readonly<Partial<Record<'GET' | 'POST' | 'PUT' | 'DELETE', TunnelHandler>>>;
}

/** Answers requests on its routes. */
export interface Resource {
  readonly routes: readonly Route[];
}

/**
 * Returns the handler for a request.
 *
 * @throws TwilioError 404 for an unknown path, 405 for an unknown method
 */
export function findHandler(
  routes: readonly Route[],
  { method, path }: TunnelRequest,
  { session }: Pick<TunnelCaller, 'session'>,
): { readonly handler: TunnelHandler; readonly pathParams: TunnelCall['pathParams'] } {
  for (const { pattern, methods } of routes) {
    const match = pattern.exec(path);
    if (match === null) continue;
    const pathParams = { ...match.groups };
    if ((pathParams['service'] ?? session.serviceSid) !== session.serviceSid) break;
    const handler = Object.entries(methods).find(([name]) => name === method)?.[1];
    if (handler === undefined) throw new TwilioError(405, 20004, 'Method not allowed');
    return { handler, pathParams };
  }
  throw notFound(path);
}
