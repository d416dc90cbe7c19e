import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { serviceStream, type ServiceState } from '#domain';
import { Aggregates } from '#shared/use-cases/aggregates';

/** State of a Service by the log, which is ahead of the read model. */
export class GetServiceState extends Query<ServiceState> {
  constructor(readonly serviceSid: string) {
    super();
  }
}

@QueryHandler(GetServiceState)
export class GetServiceStateHandler implements IQueryHandler<GetServiceState> {
  constructor(private readonly aggregates: Aggregates) {}

  async execute({ serviceSid }: GetServiceState): Promise<ServiceState> {
    const { state } = await this.aggregates.services.load(serviceStream(serviceSid));
    return state;
  }
}
