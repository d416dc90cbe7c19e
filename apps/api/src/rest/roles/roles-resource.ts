import { Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { rolesOf, type Role } from '#domain';
import type { CommandContext } from '#event-store';
import type { ServiceRow } from '#read-model';
import type { Written } from '#shared/use-cases/written';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageJson, toPageRequest, type PageQuery } from '../../platform/http/parameters/paging.ts';
import { CreateRole } from '../../use-cases/roles/create-role.ts';
import { DeleteRole } from '../../use-cases/roles/delete-role.ts';
import { UpdateRole } from '../../use-cases/roles/update-role.ts';
import { GetService } from '../../use-cases/services/get-service.ts';
import { rolePage } from './role-page.ts';
import type { CreateRoleDto } from './roles.dto.ts';

/** Returns the JSON of a Role in one API version. */
export type RoleView = (role: Role, service: ServiceRow) => object;

/** Roles of a Service over HTTP, in every API version: each passes how it shows them. */
@Injectable()
export class RolesResource {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  async create(
    serviceSid: string,
    { FriendlyName: friendlyName, Type: type, Permission: permissions }: CreateRoleDto,
    context: CommandContext,
    view: RoleView,
  ): Promise<WriteResult> {
    const command = new CreateRole({
      serviceSid,
      role: { friendlyName, type, permissions },
      context,
    });
    const { roleSid, position } = await this.commands.execute(command);
    const query = new GetService(serviceSid, position);
    return { position, answer: () => this.#answer(query, roleSid, view) };
  }

  /** @param url absolute URL of the list */
  async list(serviceSid: string, query: PageQuery, url: string, view: RoleView): Promise<object> {
    const service = orNotFound(await this.queries.execute(new GetService(serviceSid)));
    return pageJson(rolePage(rolesOf(service), toPageRequest(query)), {
      key: 'roles',
      url,
      query,
      positionOf: ({ place }) => place,
      toJson: ({ role }) => view(role, service),
    });
  }

  get(serviceSid: string, roleSid: string, view: RoleView): Promise<object> {
    return this.#answer(new GetService(serviceSid), roleSid, view);
  }

  async update(
    input: Omit<UpdateRole['input'], 'permissions'>,
    permissions: readonly string[],
    view: RoleView,
  ): Promise<WriteResult> {
    const { position } = await this.commands.execute(new UpdateRole({ ...input, permissions }));
    const query = new GetService(input.serviceSid, position);
    return { position, answer: () => this.#answer(query, input.roleSid, view) };
  }

  delete(input: DeleteRole['input']): Promise<Written> {
    return this.commands.execute(new DeleteRole(input));
  }

  async #answer(query: GetService, roleSid: string, view: RoleView): Promise<object> {
    const service = orNotFound(await this.queries.execute(query));
    const role = rolesOf(service).find(({ sid }) => sid === roleSid);
    return view(orNotFound(role ?? null), service);
  }
}
