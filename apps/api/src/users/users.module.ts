import { Module } from '@nestjs/common';
import { CreateUserHandler } from './create-user/create-user.ts';
import { DeleteUserHandler } from './delete-user/delete-user.ts';
import { ExistingServices } from './existing-services.ts';
import { GetUserHandler } from './get-user/get-user.ts';
import { ListUsersHandler } from './list-users/list-users.ts';
import { UpdateUserHandler } from './update-user/update-user.ts';
import { UserPath } from './user-path.ts';
import { UserView } from './user-view.ts';
import { UsersController } from './users.controller.ts';

@Module({
  controllers: [UsersController],
  providers: [
    CreateUserHandler,
    UpdateUserHandler,
    DeleteUserHandler,
    GetUserHandler,
    ListUsersHandler,
    ExistingServices,
    UserPath,
    UserView,
  ],
  exports: [ExistingServices, UserPath],
})
export class UsersModule {}
