import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import type { CommandContext } from '#event-store';
import type { ServiceRow } from '#read-model';
import { serviceConfigurationJson } from '#twilio-wire/conversations/configuration-json';
import { Context } from '../../platform/http/command-context.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { ServicesResource } from '../services/services-resource.ts';
import { given } from '../services/settings-patch.ts';
import { UpdateConfigurationDto } from './configuration.dto.ts';

@ApiTags('Conversations')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('conversations/v1/Services/:serviceSid/Configuration')
export class ServiceConfigurationController {
  constructor(
    private readonly services: ServicesResource,
    private readonly address: PublicAddress,
  ) {}

  @Reads('Fetches the Configuration of a Service', 'ConversationsServiceConfiguration')
  @Get()
  get(@Param('serviceSid') serviceSid: string): Promise<object> {
    return this.services.get(serviceSid, this.#view);
  }

  @Writes(
    'Updates the Configuration of a Service, the reachability flag included',
    200,
    'ConversationsServiceConfiguration',
  )
  @Post()
  @HttpCode(200)
  update(
    @Param('serviceSid') serviceSid: string,
    @Body() dto: UpdateConfigurationDto,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    const changes = given({
      defaultServiceRoleSid: dto.DefaultChatServiceRoleSid,
      defaultChannelRoleSid: dto.DefaultConversationRoleSid,
      defaultChannelCreatorRoleSid: dto.DefaultConversationCreatorRoleSid,
    });
    const { ReachabilityEnabled: reachabilityEnabled } = dto;
    return this.services.update({ serviceSid, changes, reachabilityEnabled, context }, this.#view);
  }

  readonly #view = (service: ServiceRow): object => serviceConfigurationJson(service, this.address);
}
