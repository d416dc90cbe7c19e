import { Controller, Get, Param, Query } from '@nestjs/common';
import { chatV1Url } from '#twilio-wire/view-context';
import { PageQuery } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { ApiBasicAuth, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads } from '../../platform/openapi/operations.ts';
import { ChannelsResource } from '../channels/channels-resource.ts';

@ApiTags('Chat v1')
@ApiBasicAuth()
@Controller('v1/Services/:serviceSid')
export class ChatV1ChannelsController {
  constructor(
    private readonly channels: ChannelsResource,
    private readonly address: PublicAddress,
  ) {}

  @Reads('Lists the Channels of a Service: none', 'ChannelList')
  @Get('Channels')
  ofService(@Param('serviceSid') serviceSid: string, @Query() query: PageQuery): Promise<object> {
    const url = chatV1Url(this.address.origin, 'Services', serviceSid, 'Channels');
    return this.channels.ofService(serviceSid, query, url);
  }

  @Reads('Lists the Channels of a User: none', 'ChannelList')
  @Get('Users/:user/Channels')
  ofUser(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Query() query: PageQuery,
  ): Promise<object> {
    return this.channels.ofUser(serviceSid, user, query, (userSid) =>
      chatV1Url(this.address.origin, 'Services', serviceSid, 'Users', userSid, 'Channels'),
    );
  }
}
