import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import {
  closeOrphanedConnections,
  type ClosedOrphans,
} from '#shared/use-cases/close-orphaned-connections';
import type { InputOf } from '../input-of.ts';

/** Closes a page of Connections of a node that has ended. */
export class CloseOrphanedConnections extends Command<ClosedOrphans> {
  constructor(readonly input: InputOf<typeof closeOrphanedConnections>) {
    super();
  }
}

@CommandHandler(CloseOrphanedConnections)
export class CloseOrphanedConnectionsHandler implements ICommandHandler<CloseOrphanedConnections> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ input }: CloseOrphanedConnections): Promise<ClosedOrphans> {
    return closeOrphanedConnections(this.aggregates, input);
  }
}
