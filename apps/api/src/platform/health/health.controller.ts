import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ApiTags } from '../openapi/decorators.ts';
import { Probes } from '../openapi/operations.ts';
import { Readiness } from './readiness.ts';

@ApiTags('Health')
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Probes('The process answers', 'Live')
  @Get('live')
  live(): object {
    return { status: 'ok' };
  }

  /** 503 until the read model has caught up, during the outage of a store, and while the process stops. */
  @Probes('The process may get traffic', 'Health', 503)
  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const readiness = await this.readiness.status();
    if (readiness.status !== 'ok') void reply.status(503);
    return readiness;
  }
}
