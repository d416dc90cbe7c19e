import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.ts';
import { CloseConnectionHandler } from './close-connection.ts';
import { ConnectionView } from '../../rest/connections/connection-view.ts';
import { ConnectionsController } from '../../rest/connections/connections.controller.ts';
import { Deadlines } from './deadlines.ts';
import { GetConnectionHandler } from './get-connection.ts';
import { ListConnectionsHandler } from './list-connections.ts';
import { OpenConnectionHandler } from './open-connection.ts';
import { RenewConnectionHandler } from './renew-connection.ts';

@Module({
  imports: [UsersModule],
  controllers: [ConnectionsController],
  providers: [
    OpenConnectionHandler,
    RenewConnectionHandler,
    CloseConnectionHandler,
    GetConnectionHandler,
    ListConnectionsHandler,
    ConnectionView,
    Deadlines,
  ],
})
export class ConnectionsModule {}
