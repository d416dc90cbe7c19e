import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CloseCause } from '#domain';
import type { CommandContext } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { recordConnectionClose } from '#shared/use-cases/connections';
import type { Written } from '#shared/use-cases/written';

/** Records that a Connection has ended; refused where it is not open. */
export class RecordConnectionClose extends Command<Written> {
  constructor(
    readonly userSid: string,
    readonly connectionSid: string,
    readonly cause: CloseCause,
    /** ISO 8601 time at which the client last gave a sign of life. */
    readonly lastSeenAt: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RecordConnectionClose)
export class RecordConnectionCloseHandler implements ICommandHandler<RecordConnectionClose> {
  constructor(private readonly aggregates: Aggregates) {}

  execute(command: RecordConnectionClose): Promise<Written> {
    return recordConnectionClose(this.aggregates, command);
  }
}
