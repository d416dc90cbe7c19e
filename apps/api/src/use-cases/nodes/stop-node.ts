import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { stopNode } from '#shared/use-cases/nodes';
import type { Written } from '#shared/use-cases/written';
import type { InputOf } from '../input-of.ts';

/** Records that an incarnation stopped in good order. */
export class StopNode extends Command<Written> {
  constructor(readonly input: InputOf<typeof stopNode>) {
    super();
  }
}

@CommandHandler(StopNode)
export class StopNodeHandler implements ICommandHandler<StopNode> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ input }: StopNode): Promise<Written> {
    return stopNode(this.aggregates, input);
  }
}
