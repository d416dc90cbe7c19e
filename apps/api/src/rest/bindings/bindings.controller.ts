import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import type { CommandContext } from '#event-store';
import type { Written } from '#shared/use-cases/written';
import { bindingJson } from '#twilio-wire/binding-json';
import { Context } from '../../platform/http/command-context.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { ApiBasicAuth, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { BindingsResource, type BindingView } from './bindings-resource.ts';
import { ListBindingsDto } from './list-bindings.dto.ts';

@ApiTags('Bindings')
@ApiBasicAuth()
@Controller('v2/Services/:serviceSid/Bindings')
export class BindingsController {
  constructor(
    private readonly bindings: BindingsResource,
    private readonly address: PublicAddress,
  ) {}

  @Reads('Lists Bindings of a Service, oldest first', 'BindingList')
  @Get()
  list(@Param('serviceSid') serviceSid: string, @Query() query: ListBindingsDto): Promise<object> {
    const url = this.address.url('Services', serviceSid, 'Bindings');
    return this.bindings.list(serviceSid, query, url, this.#viewOf(serviceSid));
  }

  @Reads('Fetches a Binding', 'Binding')
  @Get(':bindingSid')
  get(
    @Param('serviceSid') serviceSid: string,
    @Param('bindingSid') bindingSid: string,
  ): Promise<object> {
    return this.bindings.get(serviceSid, bindingSid, this.#viewOf(serviceSid));
  }

  @Writes('Removes a Binding', 204, null)
  @Delete(':bindingSid')
  @HttpCode(204)
  remove(
    @Param('serviceSid') serviceSid: string,
    @Param('bindingSid') bindingSid: string,
    @Context() context: CommandContext,
  ): Promise<Written> {
    return this.bindings.remove(serviceSid, bindingSid, context);
  }

  #viewOf(serviceSid: string): BindingView {
    return (binding) => bindingJson(serviceSid, binding, this.address);
  }
}
