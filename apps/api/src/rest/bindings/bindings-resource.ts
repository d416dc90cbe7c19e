import { Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { CommandContext } from '#event-store';
import type { BindingOfUser } from '#read-model';
import type { Written } from '#shared/use-cases/written';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageJson, toPageRequest } from '../../platform/http/parameters/paging.ts';
import { GetBinding } from '../../use-cases/bindings/get-binding.ts';
import { ListBindings } from '../../use-cases/bindings/list-bindings.ts';
import { RemoveBinding } from '../../use-cases/bindings/remove-binding.ts';
import type { ListBindingsDto } from './list-bindings.dto.ts';

/** Returns the JSON of a Binding in one API version. */
export type BindingView = (binding: BindingOfUser) => object;

/** Bindings of a Service over HTTP, in every API version: each passes how it shows them. */
@Injectable()
export class BindingsResource {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  /** @param url absolute URL of the list */
  async list(
    serviceSid: string,
    query: ListBindingsDto,
    url: string,
    view: BindingView,
  ): Promise<object> {
    const { BindingType: types, Identity: identities } = query;
    const list = new ListBindings(serviceSid, { types, identities }, toPageRequest(query));
    return pageJson(orNotFound(await this.queries.execute(list)), {
      key: 'bindings',
      url,
      query,
      positionOf: (binding) => binding.createdPosition,
      toJson: view,
      filters: [
        ...types.map((type) => ['BindingType', type] as const),
        ...identities.map((identity) => ['Identity', identity] as const),
      ],
    });
  }

  async get(serviceSid: string, bindingSid: string, view: BindingView): Promise<object> {
    return view(await this.#find(serviceSid, bindingSid));
  }

  /** Only the read model knows the User of a Binding, so a Binding that it does not show yet is not found. */
  async remove(serviceSid: string, bindingSid: string, context: CommandContext): Promise<Written> {
    const { userSid } = await this.#find(serviceSid, bindingSid);
    return this.commands.execute(new RemoveBinding({ user: userSid, bindingSid, context }));
  }

  async #find(serviceSid: string, bindingSid: string): Promise<BindingOfUser> {
    return orNotFound(await this.queries.execute(new GetBinding(serviceSid, bindingSid)));
  }
}
