import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { nodeStream, type NodeState } from '#domain';
import { Aggregates } from '#shared/use-cases/aggregates';

/** State of a Node by the log, which is ahead of the read model. */
export class GetNodeState extends Query<NodeState> {
  constructor(readonly nodeId: string) {
    super();
  }
}

@QueryHandler(GetNodeState)
export class GetNodeStateHandler implements IQueryHandler<GetNodeState> {
  constructor(private readonly aggregates: Aggregates) {}

  async execute({ nodeId }: GetNodeState): Promise<NodeState> {
    const { state } = await this.aggregates.nodes.load(nodeStream(nodeId));
    return state;
  }
}
