import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { loseNode } from '#shared/use-cases/nodes';
import type { InputOf } from '../input-of.ts';

/** Records that an incarnation is lost; false where it had ended already. */
export class LoseNode extends Command<boolean> {
  constructor(readonly input: InputOf<typeof loseNode>) {
    super();
  }
}

@CommandHandler(LoseNode)
export class LoseNodeHandler implements ICommandHandler<LoseNode> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ input }: LoseNode): Promise<boolean> {
    return loseNode(this.aggregates, input);
  }
}
