import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.ts';
import { BindingView } from './binding-view.ts';
import { BindingsController } from './bindings.controller.ts';
import { GetBindingHandler } from './get-binding/get-binding.ts';
import { ListBindingsHandler } from './list-bindings/list-bindings.ts';
import { RegisterBindingHandler } from './register-binding/register-binding.ts';
import { RemoveBindingHandler } from './remove-binding/remove-binding.ts';
import { UserBindingsController } from './user-bindings.controller.ts';

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
