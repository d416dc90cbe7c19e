import { Controller, Delete, Get, Param, Post, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBasicAuth, ApiExcludeEndpoint, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { rolesOf, type Role } from '#domain';
import type { ServiceRow } from '#read-model';
import { Reads } from '../../platform/openapi/documented.ts';
import { pageMeta, PageQuery, toPageRequest } from '../../platform/http/paging.ts';
import { PublicUrl } from '../../platform/http/public-url.ts';
import { notFound, readOnly } from '#twilio-wire/twilio-error';
import { GetService } from '../../use-cases/services/get-service.ts';
import { rolePage } from './role-page.ts';
import { RoleView } from './role-view.ts';

type Answer = ReturnType<RoleView['of']>;

/** The Roles that a Service is born with, which nobody can change. */
@ApiTags('Roles')
@ApiBasicAuth()
@Controller('v2/Services/:serviceSid/Roles')
export class RolesController {
  readonly #queries: QueryBus;
  readonly #view: RoleView;
  readonly #url: PublicUrl;

  constructor(queries: QueryBus, view: RoleView, url: PublicUrl) {
    this.#queries = queries;
    this.#view = view;
    this.#url = url;
  }

  @Reads('Lists the Roles that a Service is born with', 'RoleList')
  @Get()
  async list(
    @Param('serviceSid') serviceSid: string,
    @Query() query: PageQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const service = await this.#service(serviceSid, request);
    const page = rolePage(rolesOf(serviceSid), toPageRequest(query));
    const listUrl = this.#url.of('Services', serviceSid, 'Roles');
    return {
      meta: pageMeta('roles', listUrl, query, page, ({ place }) => place),
      roles: page.rows.map(({ role }) => this.#view.of(role, service)),
    };
  }

  @Reads('Fetches a Role', 'Role')
  @Get(':roleSid')
  async get(
    @Param('serviceSid') serviceSid: string,
    @Param('roleSid') roleSid: string,
    @Req() request: FastifyRequest,
  ): Promise<Answer> {
    const { role, service } = await this.#role(serviceSid, roleSid, request);
    return this.#view.of(role, service);
  }

  @ApiExcludeEndpoint()
  @Post()
  create(@Param('serviceSid') serviceSid: string, @Req() request: FastifyRequest): Promise<never> {
    return refused(this.#service(serviceSid, request));
  }

  @ApiExcludeEndpoint()
  @Post(':roleSid')
  update(
    @Param('serviceSid') serviceSid: string,
    @Param('roleSid') roleSid: string,
    @Req() request: FastifyRequest,
  ): Promise<never> {
    return refused(this.#role(serviceSid, roleSid, request));
  }

  @ApiExcludeEndpoint()
  @Delete(':roleSid')
  delete(
    @Param('serviceSid') serviceSid: string,
    @Param('roleSid') roleSid: string,
    @Req() request: FastifyRequest,
  ): Promise<never> {
    return refused(this.#role(serviceSid, roleSid, request));
  }

  async #service(serviceSid: string, request: FastifyRequest): Promise<ServiceRow> {
    const service = await this.#queries.execute(new GetService(serviceSid));
    if (service === null) throw notFound(request.originalUrl);
    return service;
  }

  async #role(
    serviceSid: string,
    roleSid: string,
    request: FastifyRequest,
  ): Promise<{ readonly role: Role; readonly service: ServiceRow }> {
    const service = await this.#service(serviceSid, request);
    const role = rolesOf(serviceSid).find(({ sid }) => sid === roleSid);
    if (role === undefined) throw notFound(request.originalUrl);
    return { role, service };
  }
}

/** The answer to a write, once it is known that what it is to is there. */
async function refused(found: Promise<unknown>): Promise<never> {
  await found;
  throw readOnly('The Roles of a Service');
}
