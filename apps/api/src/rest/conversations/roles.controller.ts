import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { CommandContext } from '#event-store';
import type { Written } from '#shared/use-cases/written';
import { conversationsRoleJson } from '#twilio-wire/conversations/role-json';
import { conversationsUrl } from '#twilio-wire/view-context';
import { Context } from '../../platform/http/command-context.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { SmallPageQuery } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { UpdateRoleDto } from '../roles/roles.dto.ts';
import { RolesResource, type RoleView } from '../roles/roles-resource.ts';
import { OfService, type AddressedService } from './addressed-service.ts';
import { CreateConversationsRoleDto, toChatRole } from './roles.dto.ts';

@ApiTags('Conversations')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
abstract class RolesRoutes {
  constructor(
    private readonly roles: RolesResource,
    private readonly address: PublicAddress,
  ) {}

  @Writes('Creates a Role, which is stored and grants nothing', 201, 'ConversationsRole')
  @Post()
  create(
    @OfService() service: AddressedService,
    @Body() dto: CreateConversationsRoleDto,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    const view = this.#viewOf(service);
    return this.roles.create(service.serviceSid, toChatRole(dto), context, view);
  }

  @Reads('Lists Roles, oldest first', 'ConversationsRoleList')
  @Get()
  list(@OfService() service: AddressedService, @Query() query: SmallPageQuery): Promise<object> {
    const url = conversationsUrl(this.address.origin, ...service.base, 'Roles');
    return this.roles.list(service.serviceSid, query, url, this.#viewOf(service));
  }

  @Reads('Fetches a Role', 'ConversationsRole')
  @Get(':roleSid')
  get(@OfService() service: AddressedService, @Param('roleSid') roleSid: string): Promise<object> {
    return this.roles.get(service.serviceSid, roleSid, this.#viewOf(service));
  }

  @Writes('Updates the permissions of a Role', 200, 'ConversationsRole')
  @Post(':roleSid')
  @HttpCode(200)
  update(
    @OfService() service: AddressedService,
    @Param('roleSid') roleSid: string,
    @Body() { Permission }: UpdateRoleDto,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    const { serviceSid } = service;
    return this.roles.update({ serviceSid, roleSid, context }, Permission, this.#viewOf(service));
  }

  @Writes('Deletes a Role', 204, null)
  @Delete(':roleSid')
  @HttpCode(204)
  delete(
    @OfService() { serviceSid }: AddressedService,
    @Param('roleSid') roleSid: string,
    @Context() context: CommandContext,
  ): Promise<Written> {
    return this.roles.delete({ serviceSid, roleSid, context });
  }

  #viewOf({ base }: AddressedService): RoleView {
    return (role, service) => conversationsRoleJson(role, service, base, this.address);
  }
}

/** Roles of a Service that the path names. */
@Controller('conversations/v1/Services/:serviceSid/Roles')
export class ConversationsRolesController extends RolesRoutes {}

/** Roles of the default Service. */
@Controller('conversations/v1/Roles')
export class DefaultServiceRolesController extends RolesRoutes {}
