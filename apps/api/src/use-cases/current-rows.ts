import { Inject, Injectable } from '@nestjs/common';
import { serviceStream, userStream } from '#domain';
import { reached, type EventStore, type Position } from '#event-store';
import {
  currentStates,
  summarize,
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
 * Single rows, at least as new as a place in the log: from the read model where it has come that far, and from
 * the log itself where it has not. So the answer to a write always shows the write.
 */
@Injectable()
export class CurrentRows {
  readonly #events: EventStore;
  readonly #readModel: UsersReadModel;
  readonly #progress: ReadModelProgress;

  constructor(
    @Inject(EVENT_STORE) events: EventStore,
    @Inject(USERS_READ_MODEL) readModel: UsersReadModel,
    progress: ReadModelProgress,
  ) {
    this.#events = events;
    this.#readModel = readModel;
    this.#progress = progress;
  }

  /** @param includes place in the log of a write that the answer must show */
  async service(serviceSid: string, includes: Position | null): Promise<ServiceRow | null> {
    if (this.#shows(includes)) return this.#readModel.service(serviceSid);
    const key = serviceStream(serviceSid);
    const state = (await currentStates(this.#events, this.#readModel, [key])).get(key);
    return state?.kind === 'service' && !state.deleted ? state : null;
  }

  async user(
    serviceSid: string,
    userSid: string,
    includes: Position | null,
  ): Promise<UserInService | null> {
    if (this.#shows(includes)) return this.#readModel.user(serviceSid, userSid);
    const found = await this.#fold(serviceSid, userSid);
    return found === null ? null : { user: summarize(found.user), service: found.service };
  }

  async connection(
    serviceSid: string,
    userSid: string,
    connectionSid: string,
    includes: Position | null,
  ): Promise<ConnectionOfUser | null> {
    if (this.#shows(includes)) {
      const connection = await this.#readModel.connection(serviceSid, connectionSid);
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
    includes: Position | null,
  ): Promise<BindingOfUser | null> {
    if (this.#shows(includes)) {
      const binding = await this.#readModel.binding(serviceSid, bindingSid);
      return binding?.userSid === userSid ? binding : null;
    }
    const found = await this.#fold(serviceSid, userSid);
    const binding = found?.user.bindings.find(({ sid }) => sid === bindingSid);
    if (found === null || binding === undefined) return null;
    return { ...binding, userSid, identity: found.user.identity };
  }

  #shows(includes: Position | null): boolean {
    return includes === null || reached(this.#progress.position, includes);
  }

  async #fold(
    serviceSid: string,
    userSid: string,
  ): Promise<{ readonly user: UserRow; readonly service: ServiceRow } | null> {
    const keys = [serviceStream(serviceSid), userStream(userSid)] as const;
    const states = await currentStates(this.#events, this.#readModel, keys);
    const [service, user] = keys.map((key) => states.get(key));
    if (service?.kind !== 'service' || service.deleted || user?.kind !== 'user') return null;
    return user.serviceSid === serviceSid ? { user, service } : null;
  }
}
