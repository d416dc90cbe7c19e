import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Incarnation } from '#domain';
import type { CommandContext } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { loseNode } from '#shared/use-cases/nodes';

/** Records that an incarnation is lost; false where it had ended already. */
export class LoseNode extends Command<boolean> {
  constructor(
    readonly node: Incarnation,
    /** ISO 8601 time of its last sign of life; undefined where it is unknown. */
    readonly lastSeenAt: string | undefined,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(LoseNode)
export class LoseNodeHandler implements ICommandHandler<LoseNode> {
  constructor(private readonly aggregates: Aggregates) {}

  execute(command: LoseNode): Promise<boolean> {
    return loseNode(this.aggregates, command);
  }
}
