import { Injectable } from '@nestjs/common';
import type { GatewaySocket } from '../sockets/gateway-socket.ts';
import type { Gateway } from '../sockets/gateway.ts';
import { SocketServer } from '../sockets/socket-server.ts';
import { TwilsockClient } from './twilsock-client.ts';
import { TwilsockContext } from './twilsock-context.ts';

/** Accepts the sockets of Twilio's chat SDKs. Their token is in the first frame, not in the upgrade request. */
@Injectable()
export class TwilsockGateway implements Gateway {
  readonly path = '/v3/wsconnect';
  readonly name = 'twilsock';

  constructor(
    sockets: SocketServer,
    private readonly context: TwilsockContext,
  ) {
    sockets.register(this);
  }

  accept(socket: GatewaySocket): void {
    new TwilsockClient(this.context, socket);
  }
}
