import { deriveSid, serviceStream, type Role } from '#domain';
import type { CommandContext } from '#event-store';
import type { Aggregates } from './aggregates.ts';
import type { Written } from './written.ts';

interface Dependencies {
  readonly aggregates: Pick<Aggregates, 'services'>;
  readonly clock: () => Date;
}

export interface CreatedRole extends Written {
  readonly roleSid: string;
}

/**
 * Creates a Role in a Service. Its sid derives from the command id, so a command that is sent again finds the same Role.
 *
 * @throws DomainError `SERVICE.NOT_FOUND`, `ROLE.TOO_MANY`
 */
export async function createRole(
  { aggregates, clock }: Dependencies,
  {
    serviceSid,
    role,
    context,
  }: {
    readonly serviceSid: string;
    readonly role: Pick<Role, 'friendlyName' | 'type' | 'permissions'>;
    readonly context: CommandContext;
  },
): Promise<CreatedRole> {
  const roleSid = deriveSid('RL', context.commandId);
  const at = clock().toISOString();
  const command = { type: 'CreateRole', role: { ...role, sid: roleSid }, at } as const;
  const { position } = await aggregates.services.handle(
    serviceStream(serviceSid),
    command,
    context,
  );
  return { roleSid, position };
}

/**
 * Replaces the permissions of a Role.
 *
 * @throws DomainError `SERVICE.NOT_FOUND`, `ROLE.NOT_FOUND`
 */
export function updateRole(
  { aggregates, clock }: Dependencies,
  {
    serviceSid,
    roleSid,
    permissions,
    context,
  }: {
    readonly serviceSid: string;
    readonly roleSid: string;
    readonly permissions: readonly string[];
    readonly context: CommandContext;
  },
): Promise<Written> {
  const at = clock().toISOString();
  const command = { type: 'UpdateRole', roleSid, permissions, at } as const;
  return aggregates.services.handle(serviceStream(serviceSid), command, context);
}

/**
 * Deletes a Role. Users and settings that name it keep its sid.
 *
 * @throws DomainError `SERVICE.NOT_FOUND`, `ROLE.NOT_FOUND`
 */
export function deleteRole(
  { services }: Pick<Aggregates, 'services'>,
  {
    serviceSid,
    roleSid,
    context,
  }: {
    readonly serviceSid: string;
    readonly roleSid: string;
    readonly context: CommandContext;
  },
): Promise<Written> {
  const command = { type: 'DeleteRole', roleSid } as const;
  return services.handle(serviceStream(serviceSid), command, context);
}
