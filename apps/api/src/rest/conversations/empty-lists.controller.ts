import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { conversationsUrl } from '#twilio-wire/view-context';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { emptyPageJson, SmallPageQuery } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { ApiBasicAuth, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads } from '../../platform/openapi/operations.ts';
import { GetService } from '../../use-cases/services/get-service.ts';
import { GetUser } from '../../use-cases/users/get-user.ts';
import { OfService, type AddressedService } from './addressed-service.ts';
import { ListParticipantConversationsDto } from './list-participants.dto.ts';

/** There are no conversations here: what links to them finds lists, which are empty. */
@ApiTags('Conversations')
@ApiBasicAuth()
abstract class EmptyListsRoutes {
  constructor(
    private readonly queries: QueryBus,
    private readonly address: PublicAddress,
  ) {}

  @Reads('Lists the conversations of a Service, of which there are none', 'ConversationsList')
  @Get('Conversations')
  async conversations(
    @OfService() { serviceSid, base }: AddressedService,
    @Query() query: SmallPageQuery,
  ): Promise<object> {
    orNotFound(await this.queries.execute(new GetService(serviceSid)));
    const url = conversationsUrl(this.address.origin, ...base, 'Conversations');
    return emptyPageJson({ key: 'conversations', url, query });
  }

  @Reads('Lists the conversations of a participant, of which there are none', 'ConversationsList')
  @Get('ParticipantConversations')
  async ofParticipant(
    @OfService() { serviceSid, base }: AddressedService,
    @Query() query: ListParticipantConversationsDto,
  ): Promise<object> {
    orNotFound(await this.queries.execute(new GetService(serviceSid)));
    const { Identity, Address } = query;
    return emptyPageJson({
      key: 'conversations',
      url: conversationsUrl(this.address.origin, ...base, 'ParticipantConversations'),
      query,
      filters: Object.entries({ Identity, Address }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      ),
    });
  }

  @Reads('Lists the conversations of a User, of which there are none', 'ConversationsList')
  @Get('Users/:user/Conversations')
  async ofUser(
    @OfService() { serviceSid, base }: AddressedService,
    @Param('user') sidOrIdentity: string,
    @Query() query: SmallPageQuery,
  ): Promise<object> {
    const found = await this.queries.execute(new GetUser(serviceSid, sidOrIdentity));
    const segments = [...base, 'Users', orNotFound(found).user.sid, 'Conversations'];
    const url = conversationsUrl(this.address.origin, ...segments);
    return emptyPageJson({ key: 'conversations', url, query });
  }
}

/** Lists of a Service that the path names. */
@Controller('conversations/v1/Services/:serviceSid')
export class EmptyListsController extends EmptyListsRoutes {}

/** Lists of the default Service. */
@Controller('conversations/v1')
export class DefaultServiceEmptyListsController extends EmptyListsRoutes {}
