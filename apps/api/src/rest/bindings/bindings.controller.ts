import { Controller, Delete, Get, HttpCode, Param, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBasicAuth, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CommandContext } from '#event-store';
import type { BindingOfUser } from '#read-model';
import { Reads, Writes } from '../../platform/openapi/documented.ts';
import { Context } from '../../platform/http/command-context.ts';
import { pageMeta, toPageRequest } from '../../platform/http/paging.ts';
import { PublicUrl } from '../../platform/http/public-url.ts';
import { notFound } from '#twilio-wire/twilio-error';
import { ReadsAfterWrites } from '../../platform/http/reads-after-writes.ts';
import { BindingView } from './binding-view.ts';
import { GetBinding } from '../../use-cases/bindings/get-binding.ts';
import { ListBindingsDto } from './list-bindings.dto.ts';
import { ListBindings } from '../../use-cases/bindings/list-bindings.ts';
import { RemoveBinding } from '../../use-cases/bindings/remove-binding.ts';

@ApiTags('Bindings')
@ApiBasicAuth()
@Controller('v2/Services/:serviceSid/Bindings')
export class BindingsController {
  readonly #commands: CommandBus;
  readonly #queries: QueryBus;
  readonly #reads: ReadsAfterWrites;
  readonly #view: BindingView;
  readonly #url: PublicUrl;

  constructor(
    commands: CommandBus,
    queries: QueryBus,
    reads: ReadsAfterWrites,
    view: BindingView,
    url: PublicUrl,
  ) {
    this.#commands = commands;
    this.#queries = queries;
    this.#reads = reads;
    this.#view = view;
    this.#url = url;
  }

  @Reads('Lists Bindings of a Service, oldest first', 'BindingList')
  @Get()
  async list(
    @Param('serviceSid') serviceSid: string,
    @Query() query: ListBindingsDto,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const filter = { types: query.BindingType, identities: query.Identity };
    const page = await this.#queries.execute(
      new ListBindings(serviceSid, filter, toPageRequest(query)),
    );
    if (page === null) throw notFound(request.originalUrl);
    return {
      meta: pageMeta(
        'bindings',
        this.#url.of('Services', serviceSid, 'Bindings'),
        query,
        page,
        (binding) => binding.createdPosition,
        [
          ...query.BindingType.map((type) => ['BindingType', type] as const),
          ...query.Identity.map((identity) => ['Identity', identity] as const),
        ],
      ),
      bindings: page.rows.map((binding) => this.#view.ofService(serviceSid, binding)),
    };
  }

  @Reads('Fetches a Binding', 'Binding')
  @Get(':bindingSid')
  async get(
    @Param('serviceSid') serviceSid: string,
    @Param('bindingSid') bindingSid: string,
    @Req() request: FastifyRequest,
  ): Promise<ReturnType<BindingView['ofService']>> {
    const binding = await this.#find(serviceSid, bindingSid, request);
    return this.#view.ofService(serviceSid, binding);
  }

  /** Only the read model knows whose Binding it is, so one that it does not show yet is not found. */
  @Writes('Removes a Binding', 204, null)
  @Delete(':bindingSid')
  @HttpCode(204)
  async remove(
    @Param('serviceSid') serviceSid: string,
    @Param('bindingSid') bindingSid: string,
    @Context() context: CommandContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { userSid } = await this.#find(serviceSid, bindingSid, request);
    const removed = await this.#commands.execute(new RemoveBinding(userSid, bindingSid, context));
    await this.#reads.settle(removed, reply);
  }

  async #find(
    serviceSid: string,
    bindingSid: string,
    request: FastifyRequest,
  ): Promise<BindingOfUser> {
    const binding = await this.#queries.execute(new GetBinding(serviceSid, bindingSid));
    if (binding === null) throw notFound(request.originalUrl);
    return binding;
  }
}
