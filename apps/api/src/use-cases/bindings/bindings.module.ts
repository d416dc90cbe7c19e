import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.ts';
import { BindingView } from '../../rest/bindings/binding-view.ts';
import { BindingsController } from '../../rest/bindings/bindings.controller.ts';
import { GetBindingHandler } from './get-binding.ts';
import { ListBindingsHandler } from './list-bindings.ts';
import { RegisterBindingHandler } from './register-binding.ts';
import { RemoveBindingHandler } from './remove-binding.ts';
import { UserBindingsController } from '../../rest/bindings/user-bindings.controller.ts';

@Module({
  imports: [UsersModule],
  controllers: [BindingsController, UserBindingsController],
  providers: [
    RegisterBindingHandler,
    RemoveBindingHandler,
    GetBindingHandler,
    ListBindingsHandler,
    BindingView,
  ],
})
export class BindingsModule {}
