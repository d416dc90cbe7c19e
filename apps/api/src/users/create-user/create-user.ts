import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { userSid, userStream, type UserProfile } from '#domain';
import type { CommandContext } from '#event-store';
import type { Written } from '../../http/written.ts';
import { Aggregates } from '../../infrastructure/aggregates.ts';
import { ExistingServices } from '../existing-services.ts';

/** Makes a User in a Service. */
export class CreateUser extends Command<Written> {
  constructor(
    readonly serviceSid: string,
    readonly identity: string,
    readonly profile: Partial<UserProfile>,
    readonly context: CommandContext,
    /** Whether to call the webhook of this write. */
    readonly webhookEnabled = false,
  ) {
    super();
  }
}

@CommandHandler(CreateUser)
export class CreateUserHandler implements ICommandHandler<CreateUser> {
  readonly #aggregates: Aggregates;
  readonly #services: ExistingServices;

  constructor(aggregates: Aggregates, services: ExistingServices) {
    this.#aggregates = aggregates;
    this.#services = services;
  }

  async execute(command: CreateUser): Promise<Written> {
    const { serviceSid, identity, profile, context, webhookEnabled } = command;
    await this.#services.assertExists(serviceSid);
    return this.#aggregates.users.handle(
      userStream(userSid(serviceSid, identity)),
      { type: 'CreateUser', serviceSid, identity, ...profile, webhookEnabled },
      context,
    );
  }
}
