import { Inject, Injectable } from '@nestjs/common';
import { apiKeyStream, serviceStream, userStream } from '#domain';
import { hasReached, type EventStore, type Position } from '#event-store';
import {
  currentStates,
  summarize,
  type ApiKeyRow,
  type BindingOfUser,
  type ConnectionOfUser,
  type ServiceRow,
  type UserInService,
  type UserRow,
  type UsersReadModel,
} from '#read-model';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { EVENT_STORE, USERS_READ_MODEL } from '../platform/injection-tokens.ts';

/**
 * Reads single rows that are at least as new as a position in the log: from the read model where it has reached the
 * position, else from the log itself. So the answer to a write always shows the write. A null position takes the
 * read model as it is.
 */
@Injectable()
export class RowReader {
  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel,
    private readonly progress: ReadModelProgress,
  ) {}

  async service(serviceSid: string, position: Position | null): Promise<ServiceRow | null> {
    if (this.#hasReached(position)) return this.readModel.service(serviceSid);
    const key = serviceStream(serviceSid);
    const state = (await currentStates(this.events, this.readModel, [key])).get(key);
    return state?.kind === 'service' && !state.deleted ? state : null;
  }

  async apiKey(keySid: string, position: Position | null): Promise<ApiKeyRow | null> {
    if (this.#hasReached(position)) return this.readModel.apiKey(keySid);
    const key = apiKeyStream(keySid);
    const state = (await currentStates(this.events, this.readModel, [key])).get(key);
    return state?.kind === 'key' && !state.revoked ? state : null;
  }

  async user(
    serviceSid: string,
    userSid: string,
    position: Position | null,
  ): Promise<UserInService | null> {
    if (this.#hasReached(position)) return this.readModel.user(serviceSid, userSid);
    const found = await this.#fold(serviceSid, userSid);
    return found === null ? null : { user: summarize(found.user), service: found.service };
  }

  async connection(
    serviceSid: string,
    userSid: string,
    connectionSid: string,
    position: Position | null,
  ): Promise<ConnectionOfUser | null> {
    if (this.#hasReached(position)) {
      const connection = await this.readModel.connection(serviceSid, connectionSid);
      return connection?.userSid === userSid ? connection : null;
    }
    const found = await this.#fold(serviceSid, userSid);
    const connection = found?.user.connections.find(({ sid }) => sid === connectionSid);
    return connection === undefined ? null : { ...connection, serviceSid, userSid };
  }

  async binding(
    serviceSid: string,
    userSid: string,
    bindingSid: string,
    position: Position | null,
  ): Promise<BindingOfUser | null> {
    if (this.#hasReached(position)) {
      const binding = await this.readModel.binding(serviceSid, bindingSid);
      return binding?.userSid === userSid ? binding : null;
    }
    const found = await this.#fold(serviceSid, userSid);
    const binding = found?.user.bindings.find(({ sid }) => sid === bindingSid);
    if (found === null || binding === undefined) return null;
    return { ...binding, userSid, identity: found.user.identity };
  }

  #hasReached(position: Position | null): boolean {
    return position === null || hasReached(this.progress.position, position);
  }

  /** The User and its Service as they are at the end of the log. */
  async #fold(
    serviceSid: string,
    userSid: string,
  ): Promise<{ readonly user: UserRow; readonly service: ServiceRow } | null> {
    const keys = [serviceStream(serviceSid), userStream(userSid)] as const;
    const states = await currentStates(this.events, this.readModel, keys);
    const [service, user] = keys.map((key) => states.get(key));
    if (service?.kind !== 'service' || service.deleted || user?.kind !== 'user') return null;
    return user.serviceSid === serviceSid ? { user, service } : null;
  }
}
