import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { isSid } from '#domain';
import { answerFor, type UserInService } from '#read-model';
import { notFound } from '#twilio-wire/twilio-error';
import { GetUser } from '../../../use-cases/users/get-user.ts';
import { LookupBudget } from '../../sessions/lookup-budget.ts';
import { userLink } from '../links.ts';
import { userMapSid } from '../map-sids.ts';
import type { TunnelCaller } from './tunnel-caller.ts';
import { field } from './field.ts';
import { OwnProfile } from './own-profile.ts';
import type { Resource, Route, TunnelCall } from './route.ts';
import { decoded, type TunnelAnswer } from './tunnel-request.ts';

/** Users of the caller's Service. It can read those that it may watch, and change its own. */
@Injectable()
export class UsersResource implements Resource {
  readonly routes: readonly Route[] = [
    {
      pattern: /^\/v1\/Services\/(?<service>[^/]+)\/Users$/,
      // Lists members of a conversation. There are none, and clients may not list all Users.
      methods: { GET: () => ({ status: 200, body: NO_USERS }) },
    },
    {
      // An identity may contain slashes, and one of the SDKs does not encode them.
      pattern: /^\/v1\/Services\/(?<service>[^/]+)\/Users\/(?<user>.+)$/s,
      methods: { GET: (call) => this.#get(call), POST: (call) => this.#update(call) },
    },
  ];

  constructor(
    private readonly queries: QueryBus,
    private readonly profile: OwnProfile,
    private readonly lookups: LookupBudget,
  ) {}

  async #get({ request, caller, pathParams }: TunnelCall): Promise<TunnelAnswer> {
    const { serviceSid, userSid, position } = caller.session;
    const user = pathParams['user'] ?? '';
    const isOwn = namesCaller(user, caller);
    if (!isOwn) this.lookups.charge(caller.session);
    const query = isOwn
      ? new GetUser(serviceSid, userSid, position)
      : new GetUser(serviceSid, decoded(user));
    const found = await this.queries.execute(query);
    if (found === null || !caller.session.mayWatch(found.user.identity)) {
      throw notFound(request.path);
    }
    return { status: 200, body: userJson(found) };
  }

  /**
   * Changes the caller's own User and answers with it. Twilio answers a change that conflicts with another by 202 and
   * a `resource_url` to fetch; here changes are applied in order and do not conflict.
   */
  async #update(call: TunnelCall): Promise<TunnelAnswer> {
    const { request, caller, pathParams } = call;
    if (!namesCaller(pathParams['user'] ?? '', caller)) {
      throw OwnProfile.notAuthorized();
    }
    const { serviceSid, userSid } = caller.session;
    const changes = {
      FriendlyName: field(request.body, 'friendly_name'),
      Attributes: field(request.body, 'attributes'),
    };
    const position = await this.profile.update(caller.session, changes, request.mutationId);
    const found = await this.queries.execute(new GetUser(serviceSid, userSid, position));
    if (found === null) throw notFound(request.path);
    return { status: 200, body: userJson(found) };
  }
}

const NO_USERS = { users: [], meta: { prev_token: null, next_token: null } };

/** Returns whether this is the caller's identity, encoded or not, or its sid. */
function namesCaller(user: string, { session: { identity, userSid } }: TunnelCaller): boolean {
  return user === identity || (isSid('US', user) ? user === userSid : decoded(user) === identity);
}

function userJson({ user, service }: UserInService) {
  const { isOnline, isNotifiable } = answerFor(user, service);
  const mapSid = userMapSid(user.sid);
  return {
    sid: user.sid,
    service_sid: user.serviceSid,
    identity: user.identity,
    friendly_name: user.friendlyName,
    attributes: user.attributes,
    is_online: isOnline,
    is_notifiable: isNotifiable,
    sync_unique_name: mapSid,
    sync_objects: { user_info_map: mapSid },
    url: userLink(user.serviceSid, user.sid),
  };
}
