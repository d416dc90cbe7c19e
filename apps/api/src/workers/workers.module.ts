import { Module } from '@nestjs/common';
import { DeletedServices } from './deleted-services.ts';
import { OrphanedConnections } from './orphaned-connections.ts';
import { TtlSweeper } from './ttl-sweeper.ts';
import { UsersRunner } from './users-runner.ts';

/** Work that goes on without requests, in processes whose role is `worker` or `all`. */
@Module({ providers: [UsersRunner, OrphanedConnections, TtlSweeper, DeletedServices] })
export class WorkersModule {}
