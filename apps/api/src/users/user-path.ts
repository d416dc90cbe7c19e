import { Inject, Injectable } from '@nestjs/common';
import { DomainError, isSid, userSid } from '#domain';
import type { UsersReadModel } from '#read-model';
import { USERS_READ_MODEL } from '../infrastructure/tokens.ts';

/** Finds the User that a path names, so that a command goes to the right stream. */
@Injectable()
export class UserPath {
  readonly #readModel: UsersReadModel;

  constructor(@Inject(USERS_READ_MODEL) readModel: UsersReadModel) {
    this.#readModel = readModel;
  }

  /**
   * Sid of the User that a Service's path names by sid or identity. An identity gives the sid by itself; a sid
   * must be shown to belong to the Service, lest one Service's path reach into another.
   *
   * @throws DomainError `USER.NOT_FOUND`
   */
  async resolve(serviceSid: string, sidOrIdentity: string): Promise<string> {
    const sid = isSid('US', sidOrIdentity) ? sidOrIdentity : userSid(serviceSid, sidOrIdentity);
    if ((await this.#readModel.user(serviceSid, sid)) !== null) return sid;
    throw new DomainError('USER.NOT_FOUND', 'User not found');
  }
}
