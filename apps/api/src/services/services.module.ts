import { Module } from '@nestjs/common';
import { CreateServiceHandler } from './create-service/create-service.ts';
import { DeleteServiceHandler } from './delete-service/delete-service.ts';
import { GetServiceHandler } from './get-service/get-service.ts';
import { ListServicesHandler } from './list-services/list-services.ts';
import { ServiceView } from './service-view.ts';
import { ServicesController } from './services.controller.ts';
import { UpdateServiceHandler } from './update-service/update-service.ts';

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
