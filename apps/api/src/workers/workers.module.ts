import { Module } from '@nestjs/common';
import { OrphanedConnections } from './orphaned-connections.ts';
import { UsersRunner } from './users-runner.ts';

/** Work that goes on without requests, in processes whose role is `worker` or `all`. */
@Module({ providers: [UsersRunner, OrphanedConnections] })
export class WorkersModule {}
