import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Incarnation } from '#domain';
import type { CommandContext } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { stopNode } from '#shared/use-cases/nodes';
import type { Written } from '#shared/use-cases/written';

/** Records that an incarnation stopped in good order. */
export class StopNode extends Command<Written> {
  constructor(
    readonly node: Incarnation,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(StopNode)
export class StopNodeHandler implements ICommandHandler<StopNode> {
  constructor(private readonly aggregates: Aggregates) {}

  execute(command: StopNode): Promise<Written> {
    return stopNode(this.aggregates, command);
  }
}
