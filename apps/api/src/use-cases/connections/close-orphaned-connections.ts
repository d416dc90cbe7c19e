import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { NodeState } from '#domain';
import type { HeldConnection } from '#read-model';
import { Aggregates } from '#shared/use-cases/aggregates';
import {
  closeOrphanedConnections,
  type ClosedOrphans,
} from '#shared/use-cases/close-orphaned-connections';

/** Closes a page of Connections of a node that has ended. */
export class CloseOrphanedConnections extends Command<ClosedOrphans> {
  constructor(
    readonly node: NodeState,
    readonly connections: readonly HeldConnection[],
  ) {
    super();
  }
}

@CommandHandler(CloseOrphanedConnections)
export class CloseOrphanedConnectionsHandler implements ICommandHandler<CloseOrphanedConnections> {
  constructor(private readonly aggregates: Aggregates) {}

  execute(command: CloseOrphanedConnections): Promise<ClosedOrphans> {
    return closeOrphanedConnections(this.aggregates, command);
  }
}
