import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Incarnation, Transport } from '#domain';
import type { CommandContext, Position } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { openSocketConnection } from '#shared/use-cases/connections';

/** Opens a Connection whose socket this process holds; answers its position once it is durable. */
export class OpenSocketConnection extends Command<Position> {
  constructor(
    readonly serviceSid: string,
    readonly identity: string,
    readonly connectionSid: string,
    readonly transport: Transport,
    readonly node: Incarnation,
    readonly deviceId: string | null,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(OpenSocketConnection)
export class OpenSocketConnectionHandler implements ICommandHandler<OpenSocketConnection> {
  constructor(private readonly aggregates: Aggregates) {}

  execute(command: OpenSocketConnection): Promise<Position> {
    return openSocketConnection(this.aggregates, command);
  }
}
