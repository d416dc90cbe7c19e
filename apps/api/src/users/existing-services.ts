import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '#domain';
import type { UsersReadModel } from '#read-model';
import { USERS_READ_MODEL } from '../infrastructure/tokens.ts';

/**
 * Keeps Users out of Services that are not there. Looked up in the read model: a User that slips into a Service
 * at the moment of its deletion is deleted with the others.
 */
@Injectable()
export class ExistingServices {
  readonly #readModel: UsersReadModel;

  constructor(@Inject(USERS_READ_MODEL) readModel: UsersReadModel) {
    this.#readModel = readModel;
  }

  /** @throws DomainError `SERVICE.NOT_FOUND` */
  async assertExists(serviceSid: string): Promise<void> {
    const service = await this.#readModel.service(serviceSid);
    if (service === null) throw new DomainError('SERVICE.NOT_FOUND', 'Service not found');
  }
}
