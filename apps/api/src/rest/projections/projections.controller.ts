import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { projectionJson } from '#twilio-wire/projection-json';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageOf } from '../../platform/http/parameters/page-of.ts';
import { pageJson, PageQuery, toPageRequest } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { ApiBasicAuth, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads } from '../../platform/openapi/operations.ts';
import { GetProjection } from '../../use-cases/projections/get-projection.ts';
import { ListProjections } from '../../use-cases/projections/list-projections.ts';

/** The projections of the read model, for operators. */
@ApiTags('Operations')
@ApiBasicAuth()
@Controller('v2/Projections')
export class ProjectionsController {
  constructor(
    private readonly queries: QueryBus,
    private readonly address: PublicAddress,
  ) {}

  @Reads('Lists the projections with their lag', 'ProjectionList')
  @Get()
  async list(@Query() query: PageQuery): Promise<object> {
    const statuses = await this.queries.execute(new ListProjections());
    return pageJson(pageOf(statuses, toPageRequest(query)), {
      key: 'projections',
      url: this.address.url('Projections'),
      query,
      positionOf: ({ place }) => place,
      toJson: ({ row }) => projectionJson(row, this.address),
    });
  }

  @Reads('Fetches a projection', 'Projection')
  @Get(':projection')
  async get(@Param('projection') projection: string): Promise<object> {
    const status = await this.queries.execute(new GetProjection(projection));
    return projectionJson(orNotFound(status), this.address);
  }
}
