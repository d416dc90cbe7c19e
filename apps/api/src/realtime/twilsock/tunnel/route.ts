import { notFound, TwilioError } from '#twilio-wire/twilio-error';
import type { Caller } from './caller.ts';
import type { TunnelAnswer, TunnelRequest } from './tunnel-request.ts';

/** One call of a handler. `named` holds what the path's pattern has names for, as it came. */
export interface TunnelCall {
  readonly request: TunnelRequest;
  readonly caller: Caller;
  readonly named: Readonly<Record<string, string>>;
}

export type TunnelHandler = (call: TunnelCall) => TunnelAnswer | Promise<TunnelAnswer>;

/**
 * A path and what can be done with it. A path is matched as it came: nothing in it is resolved or decoded first,
 * so there is only one way to write each. `service` in the pattern must be the caller's own.
 */
export interface Route {
  readonly pattern: RegExp;
  readonly methods: Readonly<Partial<Record<'GET' | 'POST' | 'PUT' | 'DELETE', TunnelHandler>>>;
}

/** Something that answers requests. */
export interface Resource {
  readonly routes: readonly Route[];
}

/**
 * Finds who answers a request.
 *
 * @throws TwilioError 404 where nobody does, 405 where the path is known but not the method
 */
export function findHandler(
  routes: readonly Route[],
  { method, path }: TunnelRequest,
  { session }: Pick<Caller, 'session'>,
): { readonly handler: TunnelHandler; readonly named: TunnelCall['named'] } {
  for (const { pattern, methods } of routes) {
    const match = pattern.exec(path);
    if (match === null) continue;
    const named = { ...match.groups };
    if ((named['service'] ?? session.serviceSid) !== session.serviceSid) break;
    const handler = Object.entries(methods).find(([name]) => name === method)?.[1];
    if (handler === undefined) throw new TwilioError(405, 20004, 'Method not allowed');
    return { handler, named };
  }
  throw notFound(path);
}
