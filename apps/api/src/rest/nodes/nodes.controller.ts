import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageOf } from '../../platform/http/parameters/page-of.ts';
import { pageJson, PageQuery, toPageRequest } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { ApiBasicAuth, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads } from '../../platform/openapi/operations.ts';
import { ListNodes } from '../../use-cases/nodes/list-nodes.ts';
import { nodeJson } from './node-json.ts';

/** The processes that hold sockets, for operators. */
@ApiTags('Operations')
@ApiBasicAuth()
@Controller('v2/Nodes')
export class NodesController {
  constructor(
    private readonly queries: QueryBus,
    private readonly address: PublicAddress,
  ) {}

  @Reads('Lists nodes with their leases', 'NodeList')
  @Get()
  async list(@Query() query: PageQuery): Promise<object> {
    const nodes = await this.queries.execute(new ListNodes());
    return pageJson(pageOf(nodes, toPageRequest(query)), {
      key: 'nodes',
      url: this.address.url('Nodes'),
      query,
      positionOf: ({ place }) => place,
      toJson: ({ row }) => nodeJson(row, this.address),
    });
  }

  @Reads('Fetches a node', 'Node')
  @Get(':nodeId')
  async get(@Param('nodeId') nodeId: string): Promise<object> {
    const nodes = await this.queries.execute(new ListNodes());
    const found = nodes.find((node) => node.nodeId === nodeId) ?? null;
    return nodeJson(orNotFound(found), this.address);
  }
}
