import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Incarnation } from '#domain';
import { Aggregates } from '#shared/use-cases/aggregates';
import { startNode } from '#shared/use-cases/nodes';
import type { InputOf } from '../input-of.ts';

/** Starts a new incarnation of a node. */
export class StartNode extends Command<Incarnation> {
  constructor(readonly input: InputOf<typeof startNode>) {
    super();
  }
}

@CommandHandler(StartNode)
export class StartNodeHandler implements ICommandHandler<StartNode> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ input }: StartNode): Promise<Incarnation> {
    return startNode(this.aggregates, input);
  }
}
