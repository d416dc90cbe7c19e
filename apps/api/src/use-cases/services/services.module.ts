import { Module } from '@nestjs/common';
import { CreateServiceHandler } from './create-service.ts';
import { DeleteServiceHandler } from './delete-service.ts';
import { GetServiceHandler } from './get-service.ts';
import { ListServicesHandler } from './list-services.ts';
import { ServiceView } from '../../rest/services/service-view.ts';
import { ServicesController } from '../../rest/services/services.controller.ts';
import { UpdateServiceHandler } from './update-service.ts';

@Module({
  controllers: [ServicesController],
  providers: [
    CreateServiceHandler,
    UpdateServiceHandler,
    DeleteServiceHandler,
    GetServiceHandler,
    ListServicesHandler,
    ServiceView,
  ],
})
export class ServicesModule {}
