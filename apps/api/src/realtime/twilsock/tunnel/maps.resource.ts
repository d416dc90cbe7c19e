import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { notFound, TwilioError } from '#twilio-wire/twilio-error';
import { GetUser } from '../../../use-cases/users/get-user.ts';
import { LookupBudget } from '../../sessions/lookup-budget.ts';
import { conversationsMapSid, userOfMap } from '../map-sids.ts';
import { EventIds } from '../subscriptions/event-ids.ts';
import { emptyMapJson, userMapJson } from '../user-map.ts';
import type { Resource, Route, TunnelCall } from './route.ts';
import type { TunnelAnswer } from './tunnel-request.ts';

type MapJson = ReturnType<typeof userMapJson> | ReturnType<typeof emptyMapJson>;

/** Sync maps, read-only: one for each User that the caller may watch, and the caller's empty map of conversations. */
@Injectable()
export class MapsResource implements Resource {
  readonly routes: readonly Route[] = [
    {
      pattern: /^\/v3\/Maps\/(?<map>[^/]+)$/,
      methods: { GET: (call) => this.#map(call), POST: refuseWrite, DELETE: refuseWrite },
    },
    {
      pattern: /^\/v3\/Maps\/(?<map>[^/]+)\/Items$/,
      methods: { GET: (call) => this.#items(call), POST: refuseWrite },
    },
    {
      pattern: /^\/v3\/Maps\/[^/]+\/Items\/[^/]+$/,
      methods: { PUT: refuseWrite, POST: refuseWrite, DELETE: refuseWrite },
    },
    { pattern: /^\/v3\/Maps$/, methods: { POST: refuseWrite } },
  ];

  constructor(
    private readonly queries: QueryBus,
    private readonly eventIds: EventIds,
    private readonly lookups: LookupBudget,
  ) {}

  async #map(call: TunnelCall): Promise<TunnelAnswer> {
    const { items, ...map } = await this.#find(call);
    const withItems = call.request.params.get('Include') === 'items';
    return { status: 200, body: withItems ? { ...map, items } : map };
  }

  async #items(call: TunnelCall): Promise<TunnelAnswer> {
    const { items } = await this.#find(call);
    const key = call.request.params.get('Key');
    const wanted = key === undefined ? items : items.filter((item) => item.key === key);
    const meta = { previous_token: null, next_token: null };
    return { status: 200, body: { items: wanted, meta } };
  }

  async #find({ request, caller: { session }, pathParams }: TunnelCall): Promise<MapJson> {
    const mapSid = pathParams['map'] ?? '';
    const { serviceSid, userSid: own, position } = session;
    const isConversations = mapSid === conversationsMapSid(own);
    const userSid = isConversations ? own : userOfMap(mapSid);
    if (userSid === null) throw notFound(request.path);
    if (userSid !== own) this.lookups.charge(session);
    // The caller's own User may have been created with this Connection.
    const includes = userSid === own ? position : null;
    const found = await this.queries.execute(new GetUser(serviceSid, userSid, includes));
    if (found === null || !session.mayWatch(found.user.identity)) throw notFound(request.path);
    return isConversations
      ? emptyMapJson(mapSid, found.user.createdAt)
      : userMapJson(found, this.eventIds);
  }
}

/** Answers with Twilio's code for a forbidden operation on a Sync object. */
function refuseWrite(): never {
  throw new TwilioError(403, 54007, 'Clients may read Sync maps only');
}
