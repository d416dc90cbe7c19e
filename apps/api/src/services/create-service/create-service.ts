import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { deriveSid, serviceStream } from '#domain';
import type { CommandContext, Position } from '#event-store';
import { Aggregates } from '../../infrastructure/aggregates.ts';

/** What came of a {@link CreateService}. */
export interface CreatedService {
  readonly serviceSid: string;
  readonly position: Position | null;
}

/** Makes a Service. Its sid derives from the command id: the same command sent again finds the same Service. */
export class CreateService extends Command<CreatedService> {
  constructor(
    readonly friendlyName: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(CreateService)
export class CreateServiceHandler implements ICommandHandler<CreateService> {
  readonly #aggregates: Aggregates;

  constructor(aggregates: Aggregates) {
    this.#aggregates = aggregates;
  }

  async execute({ friendlyName, context }: CreateService): Promise<CreatedService> {
    const serviceSid = deriveSid('IS', context.commandId);
    const { position } = await this.#aggregates.services.handle(
      serviceStream(serviceSid),
      { type: 'CreateService', serviceSid, friendlyName },
      context,
    );
    return { serviceSid, position };
  }
}
