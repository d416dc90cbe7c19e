import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { BindingsModule } from './bindings/bindings.module.ts';
import { ConnectionsModule } from './connections/connections.module.ts';
import { HealthModule } from './health/health.module.ts';
import { HttpModule } from './http/http.module.ts';
import {
  InfrastructureModule,
  type ProcessContext,
} from './infrastructure/infrastructure.module.ts';
import { MetricsModule } from './metrics/metrics.module.ts';
import { ReachabilityModule } from './reachability/reachability.module.ts';
import { RealtimeModule } from './realtime/realtime.module.ts';
import { RolesModule } from './roles/roles.module.ts';
import { ServicesModule } from './services/services.module.ts';
import { TokensModule } from './tokens/tokens.module.ts';
import { TwilsockModule } from './twilsock/twilsock.module.ts';
import { UsersModule } from './users/users.module.ts';
import { WebhooksModule } from './webhooks/webhooks.module.ts';
import { WorkersModule } from './workers/workers.module.ts';

@Module({})
export class AppModule {
  static register(context: ProcessContext): DynamicModule {
    return {
      module: AppModule,
      imports: [
        CqrsModule.forRoot(),
        InfrastructureModule.register(context),
        HttpModule,
        HealthModule,
        MetricsModule,
        ServicesModule,
        RolesModule,
        UsersModule,
        ConnectionsModule,
        BindingsModule,
        ReachabilityModule,
        TokensModule,
        RealtimeModule,
        TwilsockModule,
        WebhooksModule,
        WorkersModule,
      ],
    };
  }
}
