import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { resolveUserSid } from '#domain';
import type { CommandContext } from '#event-store';
import type { Written } from '#shared/use-cases/written';
import { userBindingJson } from '#twilio-wire/binding-json';
import { Context } from '../../platform/http/command-context.ts';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageJson, toPageRequest } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { GetBinding } from '../../use-cases/bindings/get-binding.ts';
import { ListBindings } from '../../use-cases/bindings/list-bindings.ts';
import { RegisterBinding } from '../../use-cases/bindings/register-binding.ts';
import { RemoveBinding } from '../../use-cases/bindings/remove-binding.ts';
import { ListUserBindingsDto } from './list-bindings.dto.ts';
import { RegisterBindingDto } from './register-binding.dto.ts';

@ApiTags('Bindings')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('v2/Services/:serviceSid/Users/:user/Bindings')
export class UserBindingsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly address: PublicAddress,
  ) {}

  @Writes('Registers a device for push; the same one again is the same Binding', 201, 'UserBinding')
  @Post()
  async register(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Body() { BindingType, Address, Endpoint }: RegisterBindingDto,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    const { bindingSid, position } = await this.commands.execute(
      new RegisterBinding({
        user: { serviceSid, user },
        bindingType: BindingType,
        address: Address,
        endpoint: Endpoint ?? null,
        context,
      }),
    );
    const userSid = resolveUserSid(serviceSid, user);
    const query = new GetBinding(serviceSid, bindingSid, userSid, position);
    return { position, answer: () => this.#answer(query) };
  }

  @Reads('Lists Bindings of a User, oldest first', 'UserBindingList')
  @Get()
  async list(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Query() query: ListUserBindingsDto,
  ): Promise<object> {
    const userSid = resolveUserSid(serviceSid, user);
    const { BindingType: types } = query;
    const page = orNotFound(
      await this.queries.execute(
        new ListBindings(serviceSid, { userSid, types }, toPageRequest(query)),
      ),
    );
    return pageJson(page, {
      key: 'bindings',
      url: this.address.url('Services', serviceSid, 'Users', userSid, 'Bindings'),
      query,
      positionOf: (binding) => binding.createdPosition,
      toJson: (binding) => userBindingJson(serviceSid, binding, this.address),
      filters: types.map((type) => ['BindingType', type] as const),
    });
  }

  @Reads('Fetches a Binding of a User', 'UserBinding')
  @Get(':bindingSid')
  get(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Param('bindingSid') bindingSid: string,
  ): Promise<object> {
    return this.#answer(new GetBinding(serviceSid, bindingSid, resolveUserSid(serviceSid, user)));
  }

  @Writes('Removes a Binding of a User', 204, null)
  @Delete(':bindingSid')
  @HttpCode(204)
  remove(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Param('bindingSid') bindingSid: string,
    @Context() context: CommandContext,
  ): Promise<Written> {
    return this.commands.execute(
      new RemoveBinding({ user: { serviceSid, user }, bindingSid, context }),
    );
  }

  async #answer(query: GetBinding): Promise<object> {
    const binding = orNotFound(await this.queries.execute(query));
    return userBindingJson(query.serviceSid, binding, this.address);
  }
}
