import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Position } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { openSocketConnection } from '#shared/use-cases/connections';
import type { InputOf } from '../input-of.ts';

/** Opens a Connection whose socket this process holds; answers its position once it is durable. */
export class OpenSocketConnection extends Command<Position> {
  constructor(readonly input: InputOf<typeof openSocketConnection>) {
    super();
  }
}

@CommandHandler(OpenSocketConnection)
export class OpenSocketConnectionHandler implements ICommandHandler<OpenSocketConnection> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ input }: OpenSocketConnection): Promise<Position> {
    return openSocketConnection(this.aggregates, input);
  }
}
