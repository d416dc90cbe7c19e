import { Module } from '@nestjs/common';
import { RealtimeModule } from '../realtime.module.ts';
import { StreamContext } from './stream-context.ts';
import { StreamGateway } from './stream-gateway.ts';
import { StreamHandshake } from './stream-handshake.ts';
import { StreamRequests } from './stream-requests.ts';

/** The protocol of `/stream`. */
@Module({
  imports: [RealtimeModule],
  providers: [StreamGateway, StreamContext, StreamHandshake, StreamRequests],
})
export class StreamModule {}
