import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { CommandContext } from '#event-store';
import type { IssuedApiKey } from '#shared/use-cases/api-keys';
import type { Written } from '#shared/use-cases/written';
import { apiKeyJson } from '#twilio-wire/api-key-json';
import { RequestCaller, type Caller } from '../../platform/http/authentication/caller.ts';
import { Context } from '../../platform/http/command-context.ts';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageJson, PageQuery, toPageRequest } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { SecretAnswer } from '../../platform/http/idempotency/secret-answer.ts';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { CreateApiKey } from '../../use-cases/api-keys/create-api-key.ts';
import { GetApiKey } from '../../use-cases/api-keys/get-api-key.ts';
import { ListApiKeys } from '../../use-cases/api-keys/list-api-keys.ts';
import { RevokeApiKey } from '../../use-cases/api-keys/revoke-api-key.ts';
import { RotateApiKey } from '../../use-cases/api-keys/rotate-api-key.ts';
import { CreateApiKeyDto, RotateApiKeyDto } from './api-keys.dto.ts';

/** API keys that were made over the API. Those of the settings are not among them. */
@ApiTags('API keys')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('v2/ApiKeys')
export class ApiKeysController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly address: PublicAddress,
  ) {}

  @SecretAnswer(true)
  @Writes('Creates an API key; only this answer shows its secret', 201, 'IssuedApiKey')
  @Post()
  async create(
    @Body() { FriendlyName, Scopes, Services, ExpiresAt }: CreateApiKeyDto,
    @RequestCaller() issuer: Caller,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    const command = new CreateApiKey({
      friendlyName: FriendlyName,
      scopes: Scopes,
      services: Services ?? null,
      expiresAt: ExpiresAt ?? null,
      issuer,
      context,
    });
    return this.#issued(await this.commands.execute(command));
  }

  @Reads('Lists API keys, oldest first', 'ApiKeyList')
  @Get()
  async list(@Query() query: PageQuery): Promise<object> {
    return pageJson(await this.queries.execute(new ListApiKeys(toPageRequest(query))), {
      key: 'api_keys',
      url: this.address.url('ApiKeys'),
      query,
      positionOf: ({ key }) => key.createdPosition,
      toJson: ({ key, lastUsed }) => apiKeyJson(key, lastUsed, this.address),
    });
  }

  @Reads('Fetches an API key', 'ApiKey')
  @Get(':keySid')
  get(@Param('keySid') keySid: string): Promise<object> {
    return this.#answer(new GetApiKey(keySid));
  }

  @SecretAnswer(true)
  @Writes('Gives an API key another secret; only this answer shows it', 201, 'IssuedApiKey')
  @Post(':keySid/Rotations')
  async rotate(
    @Param('keySid') keySid: string,
    @Body() { OverlapSeconds: overlapSeconds }: RotateApiKeyDto,
    @RequestCaller() issuer: Caller,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    const command = new RotateApiKey({ keySid, overlapSeconds, issuer, context });
    return this.#issued(await this.commands.execute(command));
  }

  @Writes('Revokes an API key for good', 204, null)
  @Delete(':keySid')
  @HttpCode(204)
  async revoke(
    @Param('keySid') keySid: string,
    @Context() context: CommandContext,
  ): Promise<Written> {
    const { position } = await this.commands.execute(new RevokeApiKey({ keySid, context }));
    return { position };
  }

  #issued({ keySid, secret, position }: IssuedApiKey): WriteResult {
    const answer = async (): Promise<object> => ({
      ...(await this.#answer(new GetApiKey(keySid, position))),
      secret,
    });
    return { position, answer };
  }

  async #answer(query: GetApiKey): Promise<object> {
    const { key, lastUsed } = orNotFound(await this.queries.execute(query));
    return apiKeyJson(key, lastUsed, this.address);
  }
}
