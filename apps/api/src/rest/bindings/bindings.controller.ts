import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBasicAuth, ApiTags } from '@nestjs/swagger';
import type { CommandContext } from '#event-store';
import type { Written } from '#shared/use-cases/written';
import { bindingJson } from '#twilio-wire/binding-json';
import { Context } from '../../platform/http/command-context.ts';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageJson, toPageRequest } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { GetBinding } from '../../use-cases/bindings/get-binding.ts';
import { ListBindings } from '../../use-cases/bindings/list-bindings.ts';
import { RemoveBinding } from '../../use-cases/bindings/remove-binding.ts';
import { ListBindingsDto } from './list-bindings.dto.ts';

@ApiTags('Bindings')
@ApiBasicAuth()
@Controller('v2/Services/:serviceSid/Bindings')
export class BindingsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly address: PublicAddress,
  ) {}

  @Reads('Lists Bindings of a Service, oldest first', 'BindingList')
  @Get()
  async list(
    @Param('serviceSid') serviceSid: string,
    @Query() query: ListBindingsDto,
  ): Promise<object> {
    const { BindingType: types, Identity: identities } = query;
    const page = orNotFound(
      await this.queries.execute(
        new ListBindings(serviceSid, { types, identities }, toPageRequest(query)),
      ),
    );
    return pageJson(page, {
      key: 'bindings',
      url: this.address.url('Services', serviceSid, 'Bindings'),
      query,
      positionOf: (binding) => binding.createdPosition,
      toJson: (binding) => bindingJson(serviceSid, binding, this.address),
      filters: [
        ...types.map((type) => ['BindingType', type] as const),
        ...identities.map((identity) => ['Identity', identity] as const),
      ],
    });
  }

  @Reads('Fetches a Binding', 'Binding')
  @Get(':bindingSid')
  async get(
    @Param('serviceSid') serviceSid: string,
    @Param('bindingSid') bindingSid: string,
  ): Promise<object> {
    const binding = await this.queries.execute(new GetBinding(serviceSid, bindingSid));
    return bindingJson(serviceSid, orNotFound(binding), this.address);
  }

  /** Only the read model knows the User of a Binding, so a Binding that it does not show yet is not found. */
  @Writes('Removes a Binding', 204, null)
  @Delete(':bindingSid')
  @HttpCode(204)
  async remove(
    @Param('serviceSid') serviceSid: string,
    @Param('bindingSid') bindingSid: string,
    @Context() context: CommandContext,
  ): Promise<Written> {
    const found = await this.queries.execute(new GetBinding(serviceSid, bindingSid));
    const { userSid } = orNotFound(found);
    return this.commands.execute(new RemoveBinding({ user: userSid, bindingSid, context }));
  }
}
