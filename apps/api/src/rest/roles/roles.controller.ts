import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { CommandContext } from '#event-store';
import type { Written } from '#shared/use-cases/written';
import { roleJson } from '#twilio-wire/role-json';
import { Context } from '../../platform/http/command-context.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { PageQuery } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { RolesResource, type RoleView } from './roles-resource.ts';
import { CreateRoleDto, UpdateRoleDto } from './roles.dto.ts';

/** The Roles of a Service. They are stored and returned, and grant nothing. */
@ApiTags('Roles')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('v2/Services/:serviceSid/Roles')
export class RolesController {
  constructor(
    private readonly roles: RolesResource,
    private readonly address: PublicAddress,
  ) {}

  @Writes('Creates a Role, which is stored and grants nothing', 201, 'Role')
  @Post()
  create(
    @Param('serviceSid') serviceSid: string,
    @Body() dto: CreateRoleDto,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    return this.roles.create(serviceSid, dto, context, this.#view);
  }

  @Reads('Lists the Roles of a Service', 'RoleList')
  @Get()
  list(@Param('serviceSid') serviceSid: string, @Query() query: PageQuery): Promise<object> {
    const url = this.address.url('Services', serviceSid, 'Roles');
    return this.roles.list(serviceSid, query, url, this.#view);
  }

  @Reads('Fetches a Role', 'Role')
  @Get(':roleSid')
  get(@Param('serviceSid') serviceSid: string, @Param('roleSid') roleSid: string): Promise<object> {
    return this.roles.get(serviceSid, roleSid, this.#view);
  }

  @Writes('Replaces the permissions of a Role', 200, 'Role')
  @Post(':roleSid')
  @HttpCode(200)
  update(
    @Param('serviceSid') serviceSid: string,
    @Param('roleSid') roleSid: string,
    @Body() { Permission }: UpdateRoleDto,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    return this.roles.update({ serviceSid, roleSid, context }, Permission, this.#view);
  }

  @Writes('Deletes a Role', 204, null)
  @Delete(':roleSid')
  @HttpCode(204)
  delete(
    @Param('serviceSid') serviceSid: string,
    @Param('roleSid') roleSid: string,
    @Context() context: CommandContext,
  ): Promise<Written> {
    return this.roles.delete({ serviceSid, roleSid, context });
  }

  readonly #view: RoleView = (role, service) => roleJson(role, service, this.address);
}
