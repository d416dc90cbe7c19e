import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { CommandContext } from '#event-store';
import { accountConfigurationJson } from '#twilio-wire/conversations/configuration-json';
import { invalidParameter } from '#twilio-wire/twilio-error';
import { RequestCaller, type Caller } from '../../platform/http/authentication/caller.ts';
import { Context } from '../../platform/http/command-context.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { GetServiceState } from '../../use-cases/services/get-service-state.ts';
import { UpdateService } from '../../use-cases/services/update-service.ts';
import { emptyToNull, given } from '../services/settings-patch.ts';
import { UpdateAccountConfigurationDto } from './configuration.dto.ts';
import { DefaultServiceFinder } from './default-service-finder.ts';

/** Settings of the account. The first Service keeps them. */
@ApiTags('Conversations')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('conversations/v1/Configuration')
export class AccountConfigurationController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly defaultService: DefaultServiceFinder,
    private readonly address: PublicAddress,
  ) {}

  @Reads('Fetches the Configuration of the account', 'ConversationsConfiguration')
  @Get()
  get(@RequestCaller() caller: Caller, @Context() context: CommandContext): Promise<object> {
    return this.#answer(caller, context);
  }

  @Writes(
    'Updates the Configuration of the account, the default Service included',
    200,
    'ConversationsConfiguration',
  )
  @Post()
  @HttpCode(200)
  async update(
    @Body() dto: UpdateAccountConfigurationDto,
    @RequestCaller() caller: Caller,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    const { firstSid: serviceSid } = await this.defaultService.find(caller, context);
    await this.#assertExists(dto.DefaultChatServiceSid);
    const accountConfiguration = given({
      defaultServiceSid: dto.DefaultChatServiceSid,
      defaultMessagingServiceSid: emptyToNull(dto.DefaultMessagingServiceSid),
      defaultInactiveTimer: emptyToNull(dto.DefaultInactiveTimer),
      defaultClosedTimer: emptyToNull(dto.DefaultClosedTimer),
    });
    const { position } = await this.commands.execute(
      new UpdateService({ serviceSid, changes: { accountConfiguration }, context }),
    );
    return { position, answer: () => this.#answer(caller, context) };
  }

  async #assertExists(serviceSid: string | undefined): Promise<void> {
    if (serviceSid === undefined) return;
    const { status } = await this.queries.execute(new GetServiceState(serviceSid));
    if (status !== 'active') throw invalidParameter('DefaultChatServiceSid is not a Service');
  }

  async #answer(caller: Caller, context: CommandContext): Promise<object> {
    return accountConfigurationJson(await this.defaultService.find(caller, context), this.address);
  }
}
