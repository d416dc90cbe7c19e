import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { DomainError, resolveUserSid } from '#domain';
import type { Position } from '#event-store';
import { TwilioError } from '#twilio-wire/twilio-error';
import { PublishedPositions } from '#shared/use-cases/published-positions';
import { AccessTokens } from '../../platform/access-tokens/access-tokens.ts';
import { TokenError } from '../../platform/access-tokens/token-error.ts';
import { LimitExceededError } from '../../platform/limit-exceeded-error.ts';
import { readParameters } from '../../platform/http/parameters/read-parameters.ts';
import { RegisterBindingDto } from '../../rest/bindings/register-binding.dto.ts';
import { RegisterBinding } from '../../use-cases/bindings/register-binding.ts';
import { RemoveBinding } from '../../use-cases/bindings/remove-binding.ts';
import { commandContext } from '../sessions/session-command-context.ts';
import type { Session } from '../sessions/session.ts';
import { Sessions } from '../sessions/sessions.ts';
import { LookupBudget } from '../sessions/lookup-budget.ts';
import { WriteBudget } from '../sessions/write-budget.ts';
import { ChangePublisher } from '../watching/change-publisher.ts';
import type { ClientFrameOf } from './client-frames.ts';
import { errorFrame, namedUserFrame, type ServerFrame } from './server-frames.ts';

/** Answers request frames of clients. Errors of the request are answers; other failures are thrown. */
@Injectable()
export class StreamRequests {
  constructor(
    private readonly publisher: ChangePublisher,
    private readonly commands: CommandBus,
    private readonly tokens: AccessTokens,
    private readonly published: PublishedPositions,
    private readonly sessions: Sessions,
    private readonly writes: WriteBudget,
    private readonly lookups: LookupBudget,
  ) {}

  async answer(
    session: Session,
    frame: ClientFrameOf<'get' | 'bind' | 'unbind' | 'token'>,
  ): Promise<ServerFrame> {
    try {
      switch (frame.type) {
        case 'get':
          return await this.#get(session, frame);
        case 'bind':
          return await this.#bind(session, frame);
        case 'unbind':
          return await this.#unbind(session, frame);
        case 'token':
          return await this.#renew(session, frame);
      }
    } catch (error) {
      if (error instanceof TokenError) return errorFrame(frame.id, error.code, error.message);
      if (error instanceof LimitExceededError) {
        const { code, message, retryAfterSeconds } = error;
        return errorFrame(frame.id, code, message, { retryAfterSeconds });
      }
      if (!(error instanceof DomainError || error instanceof TwilioError)) throw error;
      const isMissing = error instanceof DomainError && error.code.endsWith('.NOT_FOUND');
      return errorFrame(frame.id, isMissing ? 'not_found' : 'invalid', error.message);
    }
  }

  async #get(session: Session, { id, user, version }: ClientFrameOf<'get'>): Promise<ServerFrame> {
    const { serviceSid } = session;
    const sid = resolveUserSid(serviceSid, user);
    if (sid !== session.userSid) this.lookups.charge(session);
    const isBehind = version !== undefined && !(await this.publisher.hasReached(version));
    const facts = await this.publisher.readUser(serviceSid, sid);
    if (facts !== null && session.mayWatch(facts.identity)) {
      return { type: 'user', id, ...namedUserFrame(facts), ...(isBehind ? { behind: true } : {}) };
    }
    return isBehind
      ? errorFrame(id, 'unavailable', 'This node is behind the version; try again')
      : errorFrame(id, 'not_found', 'There is no such User');
  }

  async #bind(
    session: Session,
    { id, binding_type, address, endpoint }: ClientFrameOf<'bind'>,
  ): Promise<ServerFrame> {
    const { BindingType, Address, Endpoint } = await readParameters(RegisterBindingDto, {
      BindingType: binding_type,
      Address: address,
      Endpoint: endpoint,
    });
    this.writes.charge(session);
    const { bindingSid, position } = await this.commands.execute(
      new RegisterBinding({
        user: session.userSid,
        bindingType: BindingType,
        address: Address,
        endpoint: Endpoint ?? null,
        context: commandContext(session),
      }),
    );
    if (position !== null) this.published.record(position, session);
    return { type: 'bound', id, sid: bindingSid, version: this.#versionOf(position) };
  }

  async #unbind(session: Session, { id, sid }: ClientFrameOf<'unbind'>): Promise<ServerFrame> {
    this.writes.charge(session);
    const { position } = await this.commands.execute(
      new RemoveBinding({
        user: session.userSid,
        bindingSid: sid,
        context: commandContext(session),
      }),
    );
    if (position !== null) this.published.record(position, session);
    return { type: 'unbound', id, version: this.#versionOf(position) };
  }

  #versionOf(position: Position | null): string | undefined {
    return position === null ? undefined : this.publisher.versionOf(position);
  }

  async #renew(session: Session, { id, token }: ClientFrameOf<'token'>): Promise<ServerFrame> {
    const accessToken = await this.tokens.verify(token);
    return (await this.sessions.renew(session, accessToken))
      ? { type: 'token_accepted', id, expires_at: accessToken.expiresAt.toISOString() }
      : errorFrame(id, 'invalid', 'The token is not of this identity and Service');
  }
}
