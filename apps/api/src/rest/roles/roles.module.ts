import { Module } from '@nestjs/common';
import { RoleView } from './role-view.ts';
import { RolesController } from './roles.controller.ts';

@Module({ controllers: [RolesController], providers: [RoleView] })
export class RolesModule {}
