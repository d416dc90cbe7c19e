import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { CommandContext } from '#event-store';
import type { DefaultService } from '#shared/use-cases/default-service';
import type { Caller } from '../../platform/http/authentication/caller.ts';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { FindDefaultService } from '../../use-cases/services/find-default-service.ts';

/** Finds the default Service of the account for a request, and makes it on its first use. */
@Injectable()
export class DefaultServiceFinder {
  constructor(
    private readonly commands: CommandBus,
    private readonly address: PublicAddress,
  ) {}

  /**
   * Returns the default Service. A caller that may only read does not create it.
   *
   * @throws NotFoundException where it does not exist
   */
  async find(
    { scopes }: Caller,
    context: Omit<CommandContext, 'commandId'>,
  ): Promise<DefaultService> {
    const { accountSid } = this.address;
    const creation = scopes.includes('admin') ? context : null;
    return orNotFound(
      await this.commands.execute(new FindDefaultService({ accountSid, creation })),
    );
  }
}
