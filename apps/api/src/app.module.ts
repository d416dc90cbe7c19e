import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { BackgroundModule } from './background/background.module.ts';
import { PlatformModule, type ProcessContext } from './platform/platform.module.ts';
import { RealtimeModule } from './realtime/realtime.module.ts';
import { StreamModule } from './realtime/stream/stream.module.ts';
import { TwilsockModule } from './realtime/twilsock/twilsock.module.ts';
import { RestModule } from './rest/rest.module.ts';
import { UseCasesModule } from './use-cases/use-cases.module.ts';
import { WebhooksModule } from './webhooks/webhooks.module.ts';

@Module({})
export class AppModule {
  static register(context: ProcessContext): DynamicModule {
    return {
      module: AppModule,
      imports: [
        CqrsModule.forRoot(),
        PlatformModule.register(context),
        UseCasesModule,
        RestModule,
        RealtimeModule,
        StreamModule,
        TwilsockModule,
        WebhooksModule,
        BackgroundModule,
      ],
    };
  }
}
