import { Injectable } from '@nestjs/common';
import { DomainError, resolveUserSid, userStream } from '#domain';
import type { CommandContext } from '#event-store';
import { Aggregates } from '../infrastructure/aggregates.ts';
import { ExistingServices } from './existing-services.ts';

/** Finds the User that a path names, so that a command goes to the right stream. */
@Injectable()
export class UserPath {
  readonly #aggregates: Aggregates;
  readonly #services: ExistingServices;

  constructor(aggregates: Aggregates, services: ExistingServices) {
    this.#aggregates = aggregates;
    this.#services = services;
  }

  /**
   * Sid of the User that a Service's path names by sid or identity. It must be shown to belong to the Service,
   * lest one Service's path reach into another. Where the command has been handled before, what has become of
   * the User since is no matter. Looked up in the log, which knows what the read model may not show yet.
   *
   * @throws DomainError `SERVICE.NOT_FOUND`, `USER.NOT_FOUND`
   */
  async resolve(
    serviceSid: string,
    sidOrIdentity: string,
    { commandId }: CommandContext,
  ): Promise<string> {
    const sid = resolveUserSid(serviceSid, sidOrIdentity);
    const { state, commands } = await this.#aggregates.users.load(userStream(sid));
    if (commands.includes(commandId)) return sid;
    await this.#services.assertExists(serviceSid);
    if (state.status === 'active' && state.serviceSid === serviceSid) return sid;
    throw new DomainError('USER.NOT_FOUND', 'User not found');
  }
}
