import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { serviceStream } from '#domain';
import type { CommandContext } from '#event-store';
import type { Written } from '../../http/written.ts';
import { Aggregates } from '../../infrastructure/aggregates.ts';

/** Ends a Service at once; a worker then deletes its Users, closing their Connections. */
export class DeleteService extends Command<Written> {
  constructor(
    readonly serviceSid: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(DeleteService)
export class DeleteServiceHandler implements ICommandHandler<DeleteService> {
  readonly #aggregates: Aggregates;

  constructor(aggregates: Aggregates) {
    this.#aggregates = aggregates;
  }

  execute({ serviceSid, context }: DeleteService): Promise<Written> {
    return this.#aggregates.services.handle(
      serviceStream(serviceSid),
      { type: 'DeleteService' },
      context,
    );
  }
}
