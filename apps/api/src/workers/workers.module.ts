import { Module } from '@nestjs/common';
import { UsersRunner } from './users-runner.ts';

/** Work that goes on without requests, in processes whose role is `worker` or `all`. */
@Module({ providers: [UsersRunner] })
export class WorkersModule {}
