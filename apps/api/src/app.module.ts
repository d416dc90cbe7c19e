import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { BindingsModule } from './use-cases/bindings/bindings.module.ts';
import { ConnectionsModule } from './use-cases/connections/connections.module.ts';
import { HealthModule } from './platform/health/health.module.ts';
import { HttpModule } from './platform/http/http.module.ts';
import { PlatformModule, type ProcessContext } from './platform/platform.module.ts';
import { MetricsModule } from './platform/metrics/metrics.module.ts';
import { ReachabilityModule } from './use-cases/reachability/reachability.module.ts';
import { RealtimeModule } from './realtime/realtime.module.ts';
import { RolesModule } from './rest/roles/roles.module.ts';
import { ServicesModule } from './use-cases/services/services.module.ts';
import { TokensModule } from './rest/tokens/tokens.module.ts';
import { TwilsockModule } from './realtime/twilsock/twilsock.module.ts';
import { UsersModule } from './use-cases/users/users.module.ts';
import { WebhooksModule } from './webhooks/webhooks.module.ts';
import { BackgroundModule } from './background/background.module.ts';

@Module({})
export class AppModule {
  static register(context: ProcessContext): DynamicModule {
    return {
      module: AppModule,
      imports: [
        CqrsModule.forRoot(),
        PlatformModule.register(context),
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
        BackgroundModule,
      ],
    };
  }
}
