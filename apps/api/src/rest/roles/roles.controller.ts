import { Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBasicAuth, ApiExcludeEndpoint, ApiTags } from '@nestjs/swagger';
import { rolesOf, type Role } from '#domain';
import type { ServiceRow } from '#read-model';
import { roleJson } from '#twilio-wire/role-json';
import { readOnly } from '#twilio-wire/twilio-error';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageJson, PageQuery, toPageRequest } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { Reads } from '../../platform/openapi/operations.ts';
import { GetService } from '../../use-cases/services/get-service.ts';
import { rolePage } from './role-page.ts';

/** The Roles that every Service has. They are read-only: a write to an existing one is answered with 405. */
@ApiTags('Roles')
@ApiBasicAuth()
@Controller('v2/Services/:serviceSid/Roles')
export class RolesController {
  constructor(
    private readonly queries: QueryBus,
    private readonly address: PublicAddress,
  ) {}

  @Reads('Lists the Roles of a Service', 'RoleList')
  @Get()
  async list(@Param('serviceSid') serviceSid: string, @Query() query: PageQuery): Promise<object> {
    const service = await this.#service(serviceSid);
    return pageJson(rolePage(rolesOf(serviceSid), toPageRequest(query)), {
      key: 'roles',
      url: this.address.url('Services', serviceSid, 'Roles'),
      query,
      positionOf: ({ place }) => place,
      toJson: ({ role }) => roleJson(role, service, this.address),
    });
  }

  @Reads('Fetches a Role', 'Role')
  @Get(':roleSid')
  async get(
    @Param('serviceSid') serviceSid: string,
    @Param('roleSid') roleSid: string,
  ): Promise<object> {
    const { role, service } = await this.#role(serviceSid, roleSid);
    return roleJson(role, service, this.address);
  }

  @ApiExcludeEndpoint()
  @Post()
  async create(@Param('serviceSid') serviceSid: string): Promise<never> {
    await this.#service(serviceSid);
    throw readOnly('The Roles of a Service');
  }

  @ApiExcludeEndpoint()
  @Post(':roleSid')
  async update(
    @Param('serviceSid') serviceSid: string,
    @Param('roleSid') roleSid: string,
  ): Promise<never> {
    await this.#role(serviceSid, roleSid);
    throw readOnly('The Roles of a Service');
  }

  @ApiExcludeEndpoint()
  @Delete(':roleSid')
  delete(
    @Param('serviceSid') serviceSid: string,
    @Param('roleSid') roleSid: string,
  ): Promise<never> {
    return this.update(serviceSid, roleSid);
  }

  async #service(serviceSid: string): Promise<ServiceRow> {
    return orNotFound(await this.queries.execute(new GetService(serviceSid)));
  }

  async #role(
    serviceSid: string,
    roleSid: string,
  ): Promise<{ readonly role: Role; readonly service: ServiceRow }> {
    const service = await this.#service(serviceSid);
    const role = rolesOf(serviceSid).find(({ sid }) => sid === roleSid);
    return { role: orNotFound(role ?? null), service };
  }
}
