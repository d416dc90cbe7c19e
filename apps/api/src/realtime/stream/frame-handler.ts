import type { CommandBus } from '@nestjs/cqrs';
import { DomainError, resolveUserSid } from '#domain';
import { RegisterBindingDto } from '../../rest/bindings/register-binding.dto.ts';
import { RegisterBinding } from '../../use-cases/bindings/register-binding.ts';
import { RemoveBinding } from '../../use-cases/bindings/remove-binding.ts';
import { readParameters } from '../../platform/http/read-parameters.ts';
import { TwilioError } from '#twilio-wire/twilio-error';
import type { AccessToken, AccessTokens } from '../../platform/access-tokens/access-tokens.ts';
import { TokenError } from '../../platform/access-tokens/token-error.ts';
import { commandContext } from '../sessions/command-context.ts';
import type { SessionHandle } from '../sessions/session-handle.ts';
import type { ChangePublisher } from '../watching/change-publisher.ts';
import type { AskingClient } from './asking-client.ts';
import type { ClientFrame, ClientFrameOf } from './client-frames.ts';
import { namedUserFrame } from './server-frames.ts';
import type { WatchRequests } from './watch-requests.ts';

/** Does what clients ask for. What goes wrong otherwise than the protocol says is thrown. */
export class FrameHandler {
  readonly #hub: ChangePublisher;
  readonly #commands: CommandBus;
  readonly #tokens: AccessTokens;
  readonly #watching: WatchRequests;

  constructor(
    hub: ChangePublisher,
    commands: CommandBus,
    tokens: AccessTokens,
    watching: WatchRequests,
  ) {
    this.#hub = hub;
    this.#commands = commands;
    this.#tokens = tokens;
    this.#watching = watching;
  }

  /** Handles a frame; null where that is done already. */
  handle(client: AskingClient, session: SessionHandle, frame: ClientFrame): Promise<void> | null {
    switch (frame.type) {
      case 'watch':
        return this.#watching.watch(client, session, frame);
      case 'unwatch':
        this.#watching.unwatch(client, session, frame);
        return null;
      case 'get':
        return this.#get(client, session, frame);
      case 'bind':
        return this.#bind(client, session, frame);
      case 'unbind':
        return this.#unbind(client, session, frame);
      case 'token':
        return this.#token(client, session, frame);
      case 'ping':
        client.say({ type: 'pong' });
        return null;
      case 'bye':
        client.bye();
        return null;
    }
  }

  async #get(
    client: AskingClient,
    { serviceSid }: SessionHandle,
    { id, user }: ClientFrameOf<'get'>,
  ): Promise<void> {
    const facts = await this.#hub.readUser(serviceSid, resolveUserSid(serviceSid, user));
    if (facts === null) client.refuse(id, 'not_found', 'There is no such User');
    else client.say({ type: 'user', id, ...namedUserFrame(facts) });
  }

  async #bind(
    client: AskingClient,
    session: SessionHandle,
    { id, binding_type, address, endpoint }: ClientFrameOf<'bind'>,
  ): Promise<void> {
    const said = { BindingType: binding_type, Address: address, Endpoint: endpoint };
    const bound = await this.#unlessRefused(client, id, async () => {
      const { userSid } = session;
      const { BindingType, Address, Endpoint } = await readParameters(RegisterBindingDto, said);
      const device = Endpoint ?? null;
      return this.#commands.execute(
        new RegisterBinding(userSid, BindingType, Address, device, commandContext(session)),
      );
    });
    if (bound !== null) client.say({ type: 'bound', id, sid: bound.bindingSid });
  }

  async #unbind(
    client: AskingClient,
    session: SessionHandle,
    { id, sid }: ClientFrameOf<'unbind'>,
  ): Promise<void> {
    const command = new RemoveBinding(session.userSid, sid, commandContext(session));
    const unbound = await this.#unlessRefused(client, id, () => this.#commands.execute(command));
    if (unbound !== null) client.say({ type: 'unbound', id });
  }

  async #token(
    client: AskingClient,
    session: SessionHandle,
    { id, token }: ClientFrameOf<'token'>,
  ): Promise<void> {
    let accessToken: AccessToken;
    try {
      accessToken = await this.#tokens.verify(token);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      client.refuse(id, error.code, error.message);
      return;
    }
    if (!session.renew(accessToken)) {
      client.refuse(id, 'invalid', 'The token is not of this identity and Service');
      return;
    }
    const expires_at = accessToken.expiresAt.toISOString();
    client.say({ type: 'token_accepted', id, expires_at });
  }

  /** What a command gives; null where it is refused, for what it says or by the rules, which the client is told. */
  async #unlessRefused<Result>(
    client: AskingClient,
    id: number | undefined,
    execute: () => Promise<Result>,
  ): Promise<Result | null> {
    try {
      return await execute();
    } catch (error) {
      if (!(error instanceof DomainError || error instanceof TwilioError)) throw error;
      const isMissing = error instanceof DomainError && error.code.endsWith('.NOT_FOUND');
      client.refuse(id, isMissing ? 'not_found' : 'invalid', error.message);
      return null;
    }
  }
}
