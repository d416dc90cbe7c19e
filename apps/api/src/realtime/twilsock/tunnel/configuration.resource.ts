import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { notFound } from '#twilio-wire/twilio-error';
import { GetUser } from '../../../use-cases/users/get-user.ts';
import { clientLinks } from '../links.ts';
import { conversationsMapSid, userMapSid } from '../map-sids.ts';
import { USERS_TO_SUBSCRIBE } from '../subscriptions/session-list.ts';
import type { Resource, Route, TunnelCall } from './route.ts';
import type { TunnelAnswer } from './tunnel-request.ts';

/** First request of a client: its identity, the links to everything else, and whether reachability is enabled. */
@Injectable()
export class ConfigurationResource implements Resource {
  readonly routes: readonly Route[] = [
    {
      pattern: /^\/Client\/v[12]\/Configuration$/,
      methods: { GET: (call) => this.#configuration(call) },
    },
    {
      pattern: /^\/v1\/Services\/(?<service>[^/]+)\/(User)?Conversations$/,
      methods: { GET: () => ({ status: 200, body: NO_CONVERSATIONS }) },
    },
  ];

  constructor(private readonly queries: QueryBus) {}

  async #configuration({ request, caller: { session } }: TunnelCall): Promise<TunnelAnswer> {
    const { serviceSid, userSid, identity, position } = session;
    const found = await this.queries.execute(new GetUser(serviceSid, userSid, position));
    if (found === null) throw notFound(request.path);
    const body = {
      identity,
      links: clientLinks(serviceSid, userSid),
      options: {
        reachability_enabled: found.service.reachabilityEnabled,
        user_infos_to_subscribe: USERS_TO_SUBSCRIBE,
        http_cache_interval: 'PT5S',
        consumption_report_interval: 'PT5S',
      },
      sync_objects: {
        my_user_info: userMapSid(userSid),
        my_conversations: conversationsMapSid(userSid),
      },
    };
    return { status: 200, body };
  }
}

/** An empty page, also by its name in Programmable Chat. */
const NO_CONVERSATIONS = {
  conversations: [],
  channels: [],
  meta: { previous_token: null, next_token: null },
};
