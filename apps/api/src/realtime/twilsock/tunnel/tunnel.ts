import { Injectable, Logger } from '@nestjs/common';
import { LogEntry } from '../../../platform/logging/log-entry.ts';
import { StoreMonitor } from '../../../platform/health/store-monitor.ts';
import { toTwilioError } from '../../../platform/http/errors/error-mapping.ts';
import type { TunnelCaller } from './tunnel-caller.ts';
import { ConfigurationResource } from './configuration.resource.ts';
import { MapsResource } from './maps.resource.ts';
import { RegistrationsResource } from './registrations.resource.ts';
import { SessionResource } from './session.resource.ts';
import { findHandler, type Route } from './route.ts';
import { SubscriptionsResource } from './subscriptions.resource.ts';
import type { TunnelAnswer, TunnelRequest } from './tunnel-request.ts';
import { UsersResource } from './users.resource.ts';

/** Answers the HTTP requests that Twilio's SDKs send through their sockets, as far as reachability needs them. */
@Injectable()
export class Tunnel {
  readonly #logger = new Logger(Tunnel.name);
  readonly #routes: readonly Route[];

  constructor(
    configuration: ConfigurationResource,
    users: UsersResource,
    maps: MapsResource,
    subscriptions: SubscriptionsResource,
    registrations: RegistrationsResource,
    session: SessionResource,
    private readonly monitor: StoreMonitor,
  ) {
    const resources = [configuration, users, maps, subscriptions, registrations, session];
    this.#routes = resources.flatMap(({ routes }) => routes);
  }

  /** Returns the answer to a request. Never rejects: an error is an answer, too. */
  async answer(request: TunnelRequest, caller: TunnelCaller): Promise<TunnelAnswer> {
    try {
      const { handler, pathParams } = findHandler(this.#routes, request, caller);
      return await handler({ request, caller, pathParams });
    } catch (error) {
      const { answer, headers, unexpected } = toTwilioError(error, request.path);
      if (unexpected && !this.monitor.absorb(error, 'requests')) {
        this.#logger.error(
          new LogEntry(`A tunnelled ${request.method} failed: ${String(error)}`, { error }),
        );
      }
      return { status: answer.status, body: answer.body, headers };
    }
  }
}
