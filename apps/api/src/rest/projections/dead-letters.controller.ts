import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { deadLetterJson } from '#twilio-wire/dead-letter-json';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageJson, PageQuery, toPageRequest } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { ApiBasicAuth, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads } from '../../platform/openapi/operations.ts';
import { ListDeadLetters } from '../../use-cases/projections/list-dead-letters.ts';

/** The events that a projection has set aside. Jobs retry and skip them. */
@ApiTags('Operations')
@ApiBasicAuth()
@Controller('v2/Projections/:projection/DeadLetters')
export class DeadLettersController {
  constructor(
    private readonly queries: QueryBus,
    private readonly address: PublicAddress,
  ) {}

  @Reads('Lists the dead letters of a projection, in the order of the log', 'DeadLetterList')
  @Get()
  async list(@Param('projection') projection: string, @Query() query: PageQuery): Promise<object> {
    const page = await this.queries.execute(new ListDeadLetters(projection, toPageRequest(query)));
    return pageJson(orNotFound(page), {
      key: 'dead_letters',
      url: this.address.url('Projections', projection, 'DeadLetters'),
      query,
      positionOf: ({ position }) => position,
      toJson: (letter) => deadLetterJson(projection, letter),
    });
  }
}
