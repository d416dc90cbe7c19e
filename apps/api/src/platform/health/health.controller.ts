import { Controller, Get, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Probes } from '../openapi/documented.ts';
import { Readiness } from './readiness.ts';

@ApiTags('Health')
@Controller('health')
export class HealthController {
  readonly #readiness: Readiness;

  constructor(readiness: Readiness) {
    this.#readiness = readiness;
  }

  /** The process answers. */
  @Probes('The process answers')
  @Get('live')
  live(): object {
    return { status: 'ok' };
  }

  /** The process may be sent traffic: 503 until the read model has caught up, and from the moment it is to stop. */
  @Probes('The process may be sent traffic', 503)
  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const status = await this.#readiness.status();
    if (status !== 'ok') void reply.status(503);
    return { status };
  }
}
