import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { CommandContext } from '#event-store';
import type { Written } from '#shared/use-cases/written';
import {
  conversationsUserJson,
  conversationsUserListItemJson,
} from '#twilio-wire/conversations/user-json';
import { conversationsUrl } from '#twilio-wire/view-context';
import { Context } from '../../platform/http/command-context.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { SmallPageQuery } from '../../platform/http/parameters/paging.ts';
import { MayCallWebhook, WebhookEnabled } from '../../platform/http/parameters/webhook-header.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { CreateUserDto, UserProfileDto } from '../users/users.dto.ts';
import { UsersResource, type UserView } from '../users/users-resource.ts';
import { OfService, type AddressedService } from './addressed-service.ts';

@ApiTags('Conversations')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
abstract class UsersRoutes {
  constructor(
    private readonly users: UsersResource,
    private readonly address: PublicAddress,
  ) {}

  @Writes('Creates a User', 201, 'ConversationsUser')
  @MayCallWebhook()
  @Post()
  create(
    @OfService() service: AddressedService,
    @Body() dto: CreateUserDto,
    @Context() context: CommandContext,
    @WebhookEnabled() webhookEnabled: boolean,
  ): Promise<WriteResult> {
    const write = { context, webhookEnabled };
    return this.users.create(service.serviceSid, dto, write, this.#viewOf(service));
  }

  @Reads('Lists Users, oldest first', 'ConversationsUserList')
  @Get()
  list(
    @OfService() { serviceSid, base }: AddressedService,
    @Query() query: SmallPageQuery,
  ): Promise<object> {
    return this.users.list(serviceSid, query, {
      url: conversationsUrl(this.address.origin, ...base, 'Users'),
      toJson: (found) => conversationsUserListItemJson(found, base, this.address),
    });
  }

  @Reads('Fetches a User', 'ConversationsUser')
  @Get(':user')
  get(@OfService() service: AddressedService, @Param('user') user: string): Promise<object> {
    return this.users.get(service.serviceSid, user, this.#viewOf(service));
  }

  @Writes('Updates a User', 200, 'ConversationsUser')
  @MayCallWebhook()
  @Post(':user')
  @HttpCode(200)
  update(
    @OfService() service: AddressedService,
    @Param('user') user: string,
    @Body() dto: UserProfileDto,
    @Context() context: CommandContext,
    @WebhookEnabled() webhookEnabled: boolean,
  ): Promise<WriteResult> {
    const write = { context, webhookEnabled };
    return this.users.update(service.serviceSid, user, dto, write, this.#viewOf(service));
  }

  @Writes('Deletes a User, its Connections and its Bindings', 204, null)
  @Delete(':user')
  @HttpCode(204)
  delete(
    @OfService() { serviceSid }: AddressedService,
    @Param('user') user: string,
    @Context() context: CommandContext,
  ): Promise<Written> {
    return this.users.delete(serviceSid, user, context);
  }

  #viewOf({ base }: AddressedService): UserView {
    return (found) => conversationsUserJson(found, base, this.address);
  }
}

/** Users of a Service that the path names. */
@Controller('conversations/v1/Services/:serviceSid/Users')
export class ConversationsUsersController extends UsersRoutes {}

/** Users of the default Service. */
@Controller('conversations/v1/Users')
export class DefaultServiceUsersController extends UsersRoutes {}
