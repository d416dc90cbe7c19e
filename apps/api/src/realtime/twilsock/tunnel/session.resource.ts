import { Inject, Injectable } from '@nestjs/common';
import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/schema';
import { invalidParameter, notFound, TwilioError } from '#twilio-wire/twilio-error';
import { toTwilioError } from '../../../platform/http/errors/error-mapping.ts';
import { CLOCK, type Clock } from '../../../platform/injection-tokens.ts';
import { OwnProfile } from './own-profile.ts';
import type { Resource, Route, TunnelCall } from './route.ts';
import type { TunnelAnswer } from './tunnel-request.ts';

const PURPOSE = 'com.twilio.rtd.ipmsg';

const NewList = Compile(Type.Object({ purpose: Type.Literal(PURPOSE) }));
const CommandData = Type.Object({
  commandId: Type.String({ maxLength: 128 }),
  request: Type.Object({
    action: Type.String({ maxLength: 64 }),
    username: Type.Optional(Type.Unknown()),
    friendlyName: Type.Optional(Type.Unknown()),
    attributes: Type.Optional(Type.Unknown()),
  }),
});
const Command = Compile(Type.Object({ data: CommandData }));

/** The session of SDKs of before 2021: a Sync List with their context and their commands. */
@Injectable()
export class SessionResource implements Resource {
  readonly routes: readonly Route[] = [
    { pattern: /^\/v3\/Lists$/, methods: { POST: (call) => this.#open(call) } },
    {
      pattern: /^\/v3\/Lists\/(?<list>ES[0-9a-f]{32})$/,
      methods: { GET: (call) => this.#list(call) },
    },
    {
      pattern: /^\/v3\/Lists\/(?<list>ES[0-9a-f]{32})\/Context$/,
      methods: { GET: (call) => this.#context(call) },
    },
    {
      pattern: /^\/v3\/Lists\/(?<list>ES[0-9a-f]{32})\/Items$/,
      methods: { GET: (call) => this.#items(call), POST: (call) => this.#command(call) },
    },
  ];

  constructor(
    private readonly profile: OwnProfile,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async #open({ request: { body }, caller }: TunnelCall): Promise<TunnelAnswer> {
    if (!NewList.Check(body))
      throw new TwilioError(403, 54007, 'Clients may not create Sync lists');
    const { sessionList, subscriptions } = caller;
    const service = await subscriptions.serviceReachability();
    return { status: 201, body: sessionList.json(service, this.clock().toISOString()) };
  }

  async #list(call: TunnelCall): Promise<TunnelAnswer> {
    requireOwnList(call);
    const { sessionList, subscriptions } = call.caller;
    const service = await subscriptions.serviceReachability();
    return { status: 200, body: sessionList.json(service, this.clock().toISOString()) };
  }

  async #context(call: TunnelCall): Promise<TunnelAnswer> {
    requireOwnList(call);
    const { sessionList, subscriptions } = call.caller;
    const service = await subscriptions.serviceReachability();
    // Without the event's id: an SDK that knew it would ignore the update that completes its start.
    return { status: 200, body: { data: sessionList.context(service) } };
  }

  /** Items are commands, which are not kept. */
  #items(call: TunnelCall): TunnelAnswer {
    requireOwnList(call);
    return { status: 200, body: { items: [], meta: { previous_token: null, next_token: null } } };
  }

  async #command(call: TunnelCall): Promise<TunnelAnswer> {
    requireOwnList(call);
    const { body } = call.request;
    if (!Command.Check(body)) throw invalidParameter('Not a command of a chat session');
    const response = await this.#execute(call, body.data);
    const item = call.caller.sessionList.completeCommand(body.data, response, this.clock());
    return { status: 201, body: item };
  }

  /** Returns the outcome of a command: an error of the client is an outcome, too. */
  async #execute(
    { caller, request: { path } }: TunnelCall,
    { commandId, request }: Static<typeof CommandData>,
  ): Promise<{ readonly status: number; readonly statusText?: string }> {
    try {
      const changes = changesOf(request);
      if (request.username !== caller.session.identity) throw OwnProfile.notAuthorized();
      await this.profile.update(caller.session, changes, commandId);
      return { status: 200 };
    } catch (error) {
      const { answer } = toTwilioError(error, path);
      if (answer.status >= 500 && answer.status !== 501) throw error;
      return { status: answer.status, statusText: answer.body.message };
    }
  }
}

/** @throws TwilioError 501 for commands of channels and messages, which do not exist here */
function changesOf({ action, friendlyName, attributes }: Static<typeof CommandData>['request']) {
  if (action === 'editUserFriendlyName') return { FriendlyName: friendlyName };
  if (action === 'editUserAttributes') return { Attributes: attributes };
  throw new TwilioError(501, 20004, `The command ${action} is not supported`);
}

function requireOwnList({ request, caller, pathParams }: TunnelCall): void {
  if (pathParams['list'] !== caller.sessionList.sid) throw notFound(request.path);
}
