import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CommandContext } from '#event-store';
import { Reads, Writes } from '../../platform/openapi/documented.ts';
import { Context } from '../../platform/http/command-context.ts';
import { pageMeta, PageQuery, toPageRequest } from '../../platform/http/paging.ts';
import { PublicUrl } from '../../platform/http/public-url.ts';
import { notFound } from '#twilio-wire/twilio-error';
import { ReadsAfterWrites } from '../../platform/http/reads-after-writes.ts';
import type { Written } from '#shared/use-cases/written';
import { CreateServiceDto } from './create-service.dto.ts';
import { CreateService } from '../../use-cases/services/create-service.ts';
import { DeleteService } from '../../use-cases/services/delete-service.ts';
import { GetService } from '../../use-cases/services/get-service.ts';
import { ListServices } from '../../use-cases/services/list-services.ts';
import { ServiceView } from './service-view.ts';
import { toSettingsPatch } from './settings-patch.ts';
import { UpdateServiceDto } from './update-service.dto.ts';
import { UpdateService } from '../../use-cases/services/update-service.ts';

type Answer = ReturnType<ServiceView['of']>;

@ApiTags('Services')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('v2/Services')
export class ServicesController {
  readonly #commands: CommandBus;
  readonly #queries: QueryBus;
  readonly #reads: ReadsAfterWrites;
  readonly #view: ServiceView;
  readonly #url: PublicUrl;

  constructor(
    commands: CommandBus,
    queries: QueryBus,
    reads: ReadsAfterWrites,
    view: ServiceView,
    url: PublicUrl,
  ) {
    this.#commands = commands;
    this.#queries = queries;
    this.#reads = reads;
    this.#view = view;
    this.#url = url;
  }

  @Writes('Creates a Service', 201, 'Service')
  @Post()
  async create(
    @Body() { FriendlyName }: CreateServiceDto,
    @Context() context: CommandContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Answer> {
    const written = await this.#commands.execute(new CreateService(FriendlyName, context));
    await this.#reads.settle(written, reply);
    return this.#answer(written.serviceSid, request, written);
  }

  @Reads('Lists Services, oldest first', 'ServiceList')
  @Get()
  async list(@Query() query: PageQuery): Promise<object> {
    const page = await this.#queries.execute(new ListServices(toPageRequest(query)));
    return {
      meta: pageMeta(
        'services',
        this.#url.of('Services'),
        query,
        page,
        (row) => row.createdPosition,
      ),
      services: page.rows.map((row) => this.#view.of(row)),
    };
  }

  @Reads('Fetches a Service', 'Service')
  @Get(':serviceSid')
  get(@Param('serviceSid') serviceSid: string, @Req() request: FastifyRequest): Promise<Answer> {
    return this.#answer(serviceSid, request);
  }

  @Writes('Updates a Service, the reachability flag included', 200, 'Service')
  @Post(':serviceSid')
  @HttpCode(200)
  async update(
    @Param('serviceSid') serviceSid: string,
    @Body() dto: UpdateServiceDto,
    @Context() context: CommandContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Answer> {
    const command = new UpdateService(
      serviceSid,
      toSettingsPatch(dto),
      dto.ReachabilityEnabled,
      context,
    );
    const written = await this.#commands.execute(command);
    await this.#reads.settle(written, reply);
    return this.#answer(serviceSid, request, written);
  }

  @Writes('Deletes a Service and, after it, its Users', 204, null)
  @Delete(':serviceSid')
  @HttpCode(204)
  async delete(
    @Param('serviceSid') serviceSid: string,
    @Context() context: CommandContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const written = await this.#commands.execute(new DeleteService(serviceSid, context));
    await this.#reads.settle(written, reply);
  }

  async #answer(serviceSid: string, request: FastifyRequest, written?: Written): Promise<Answer> {
    const query = new GetService(serviceSid, written?.position);
    const service = await this.#queries.execute(query);
    if (service === null) throw notFound(request.originalUrl);
    return this.#view.of(service);
  }
}
