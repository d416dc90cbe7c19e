import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Position } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { openSocketConnection } from '#shared/use-cases/connections';
import { PublishedPositions } from '#shared/use-cases/published-positions';
import type { InputOf } from '../input-of.ts';

/** Opens a Connection whose socket this process holds; answers its position once it is durable. */
export class OpenSocketConnection extends Command<Position> {
  constructor(readonly input: InputOf<typeof openSocketConnection>) {
    super();
  }
}

@CommandHandler(OpenSocketConnection)
export class OpenSocketConnectionHandler implements ICommandHandler<OpenSocketConnection> {
  constructor(
    private readonly aggregates: Aggregates,
    private readonly published: PublishedPositions,
  ) {}

  /** The client is told that it is online, maybe before the log feed has the event. */
  async execute({ input }: OpenSocketConnection): Promise<Position> {
    const { serviceSid, userSid } = input;
    const position = await openSocketConnection(this.aggregates, input);
    this.published.record(position, { serviceSid, userSid });
    return position;
  }
}
