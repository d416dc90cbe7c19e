import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** The Service that a path of Conversations is about. */
export interface AddressedService {
  readonly serviceSid: string;
  /** Segments of URLs before the resources of the Service. */
  readonly base: readonly string[];
}

/** The Service in the path of a request, as a parameter of a controller method. */
export const OfService = createParamDecorator(
  (_: unknown, context: ExecutionContext): AddressedService => {
    const { params } = context
      .switchToHttp()
      .getRequest<FastifyRequest<{ Params: { serviceSid: string } }>>();
    return { serviceSid: params.serviceSid, base: ['Services', params.serviceSid] };
  },
);
