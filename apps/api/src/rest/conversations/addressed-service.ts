import {
  createParamDecorator,
  Injectable,
  type ExecutionContext,
  type PipeTransform,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../platform/http/authentication/caller.ts';
import { DefaultServiceFinder } from './default-service-finder.ts';

/** The Service that a path of Conversations is about. */
export interface AddressedService {
  readonly serviceSid: string;
  /** Segments of URLs before the resources of the Service; none for the default Service. */
  readonly base: readonly string[];
}

/** The part of a request that says which Service it is about. */
interface ServiceAddress {
  /** Undefined on a path without a Service, which means the default Service. */
  readonly serviceSid: string | undefined;
  readonly caller: Caller;
  readonly correlationId: string;
}

const AddressOfService = createParamDecorator(
  (_: unknown, context: ExecutionContext): ServiceAddress => {
    const { params, caller, id } = context
      .switchToHttp()
      .getRequest<FastifyRequest<{ Params: { serviceSid?: string } }>>();
    return { serviceSid: params.serviceSid, caller, correlationId: id };
  },
);

/** Finds the Service that a request is about. */
@Injectable()
export class AddressedServicePipe implements PipeTransform<ServiceAddress> {
  constructor(private readonly defaultService: DefaultServiceFinder) {}

  async transform({
    serviceSid,
    caller,
    correlationId,
  }: ServiceAddress): Promise<AddressedService> {
    if (serviceSid !== undefined) return { serviceSid, base: ['Services', serviceSid] };
    const context = { correlationId, actor: `key:${caller.sid}` };
    const found = await this.defaultService.find(caller, context);
    return { serviceSid: found.serviceSid, base: [] };
  }
}

/** The Service in the path of a request, or else the default Service, as a parameter of a controller method. */
export const OfService = (): ParameterDecorator => AddressOfService(AddressedServicePipe);
