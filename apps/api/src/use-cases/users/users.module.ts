import { Module } from '@nestjs/common';
import { CreateUserHandler } from './create-user.ts';
import { DeleteUserHandler } from './delete-user.ts';
import { ExistingServices } from './existing-services.ts';
import { GetUserHandler } from './get-user.ts';
import { ListUsersHandler } from './list-users.ts';
import { UpdateUserHandler } from './update-user.ts';
import { UserPath } from './user-path.ts';
import { UserView } from '../../rest/users/user-view.ts';
import { UsersController } from '../../rest/users/users.controller.ts';

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
