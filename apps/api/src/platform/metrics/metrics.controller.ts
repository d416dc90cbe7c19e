import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Registry } from 'prom-client';
import { METRICS } from '../injection-tokens.ts';

/** What Prometheus reads. Holds counts only: nothing of any User or Service. */
@ApiExcludeController()
@Controller('metrics')
export class MetricsController {
  readonly #registry: Registry;

  constructor(@Inject(METRICS) registry: Registry) {
    this.#registry = registry;
  }

  @Get()
  metrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.type(this.#registry.contentType);
    return this.#registry.metrics();
  }
}
