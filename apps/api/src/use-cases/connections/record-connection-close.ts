import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { recordConnectionClose } from '#shared/use-cases/connections';
import type { Written } from '#shared/use-cases/written';
import type { InputOf } from '../input-of.ts';

/** Records that a Connection has ended; refused where it is not open. */
export class RecordConnectionClose extends Command<Written> {
  constructor(readonly input: InputOf<typeof recordConnectionClose>) {
    super();
  }
}

@CommandHandler(RecordConnectionClose)
export class RecordConnectionCloseHandler implements ICommandHandler<RecordConnectionClose> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ input }: RecordConnectionClose): Promise<Written> {
    return recordConnectionClose(this.aggregates, input);
  }
}
