import { Controller, Get, Param, Query } from '@nestjs/common';
import { PageQuery } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { ApiBasicAuth, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads } from '../../platform/openapi/operations.ts';
import { ChannelsResource } from './channels-resource.ts';

/** Lists of Channels, which are empty. */
@ApiTags('Channels')
@ApiBasicAuth()
@Controller('v2/Services/:serviceSid')
export class ChannelsController {
  constructor(
    private readonly channels: ChannelsResource,
    private readonly address: PublicAddress,
  ) {}

  @Reads('Lists the Channels of a Service: none', 'ChannelList')
  @Get('Channels')
  ofService(@Param('serviceSid') serviceSid: string, @Query() query: PageQuery): Promise<object> {
    const url = this.address.url('Services', serviceSid, 'Channels');
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
      this.address.url('Services', serviceSid, 'Users', userSid, 'Channels'),
    );
  }
}
