import { Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { CommandContext } from '#event-store';
import type { ServiceRow } from '#read-model';
import type { Written } from '#shared/use-cases/written';
import type { Caller } from '../../platform/http/authentication/caller.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageJson, toPageRequest, type PageQuery } from '../../platform/http/parameters/paging.ts';
import { CreateService } from '../../use-cases/services/create-service.ts';
import { DeleteService } from '../../use-cases/services/delete-service.ts';
import { GetService } from '../../use-cases/services/get-service.ts';
import { ListServices } from '../../use-cases/services/list-services.ts';
import { UpdateService } from '../../use-cases/services/update-service.ts';

/** Returns the JSON of a Service, or of a part of it, in one API version. */
export type ServiceView = (service: ServiceRow) => object;

/** Services over HTTP, in every API version: each passes how it shows them. */
@Injectable()
export class ServicesResource {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  async create(
    friendlyName: string,
    context: CommandContext,
    view: ServiceView,
  ): Promise<WriteResult> {
    const command = new CreateService({ friendlyName, context });
    const { serviceSid, position } = await this.commands.execute(command);
    return { position, answer: () => this.#answer(new GetService(serviceSid, position), view) };
  }

  /** @param url absolute URL of the list */
  async list(
    query: PageQuery,
    { services: only }: Caller,
    url: string,
    view: ServiceView,
  ): Promise<object> {
    return pageJson(await this.queries.execute(new ListServices(toPageRequest(query), only)), {
      key: 'services',
      url,
      query,
      positionOf: (service) => service.createdPosition,
      toJson: view,
    });
  }

  get(serviceSid: string, view: ServiceView): Promise<object> {
    return this.#answer(new GetService(serviceSid), view);
  }

  async update(input: UpdateService['input'], view: ServiceView): Promise<WriteResult> {
    const { position } = await this.commands.execute(new UpdateService(input));
    const query = new GetService(input.serviceSid, position);
    return { position, answer: () => this.#answer(query, view) };
  }

  delete(serviceSid: string, context: CommandContext): Promise<Written> {
    return this.commands.execute(new DeleteService({ serviceSid, context }));
  }

  async #answer(query: GetService, view: ServiceView): Promise<object> {
    return view(orNotFound(await this.queries.execute(query)));
  }
}
