import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Param,
  Post,
  Query,
} from '@nestjs/common';
import type { CommandContext } from '#event-store';
import type { UserInService } from '#read-model';
import type { Written } from '#shared/use-cases/written';
import { userJson, userListItemJson } from '#twilio-wire/user-json';
import { Context } from '../../platform/http/command-context.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { MayCallWebhook, WebhookEnabled } from '../../platform/http/parameters/webhook-header.ts';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { ListUsersDto, toLinkFilters, toUserSelection } from './list-users.dto.ts';
import { CreateUserDto, UserProfileDto } from './users.dto.ts';
import { rememberText, UsersResource } from './users-resource.ts';

@ApiTags('Users')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('v2/Services/:serviceSid/Users')
export class UsersController {
  constructor(
    private readonly users: UsersResource,
    private readonly address: PublicAddress,
  ) {}

  @Writes('Creates a User', 201, 'User')
  @MayCallWebhook()
  @Post()
  create(
    @Param('serviceSid') serviceSid: string,
    @Body() dto: CreateUserDto,
    @Context() context: CommandContext,
    @WebhookEnabled() webhookEnabled: boolean,
  ): Promise<WriteResult> {
    return this.users.create(serviceSid, dto, { context, webhookEnabled }, this.#view);
  }

  @Reads('Lists Users, by default oldest first', 'UserList')
  @Get()
  list(@Param('serviceSid') serviceSid: string, @Query() query: ListUsersDto): Promise<object> {
    const filters = toLinkFilters(query);
    const itemJson = filters.length > 0 ? userJson : userListItemJson;
    const view = {
      url: this.address.url('Services', serviceSid, 'Users'),
      toJson: (found: UserInService) => itemJson(found, this.address),
      filters,
    };
    return this.users.list(serviceSid, query, view, toUserSelection(query));
  }

  @Reads('Fetches a User', 'User')
  @Header('Content-Type', 'application/json; charset=utf-8')
  @Get(':user')
  get(@Param('serviceSid') serviceSid: string, @Param('user') user: string): Promise<string> {
    return this.users.get(serviceSid, user, this.#text);
  }

  @Writes('Updates a User', 200, 'User')
  @MayCallWebhook()
  @Post(':user')
  @HttpCode(200)
  update(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Body() dto: UserProfileDto,
    @Context() context: CommandContext,
    @WebhookEnabled() webhookEnabled: boolean,
  ): Promise<WriteResult> {
    return this.users.update(serviceSid, user, dto, { context, webhookEnabled }, this.#view);
  }

  @Writes('Deletes a User, its Connections and its Bindings', 204, null)
  @Delete(':user')
  @HttpCode(204)
  delete(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Context() context: CommandContext,
  ): Promise<Written> {
    return this.users.delete(serviceSid, user, context);
  }

  readonly #view = (found: UserInService): object => userJson(found, this.address);
  readonly #text = rememberText(this.#view);
}
