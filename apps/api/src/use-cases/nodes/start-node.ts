import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Incarnation, LastSeen } from '#domain';
import type { CommandContext } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { startNode } from '#shared/use-cases/nodes';

/** Starts a new incarnation of a node. */
export class StartNode extends Command<Incarnation> {
  constructor(
    readonly nodeId: string,
    /** When the process before this one last renewed its lease; null where it is unknown. */
    readonly lastSeen: LastSeen | null,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(StartNode)
export class StartNodeHandler implements ICommandHandler<StartNode> {
  constructor(private readonly aggregates: Aggregates) {}

  execute(command: StartNode): Promise<Incarnation> {
    return startNode(this.aggregates, command);
  }
}
