import {
  deriveSid,
  DomainError,
  isSid,
  serviceStream,
  type ServiceSettingsPatch,
  type ServiceState,
} from '#domain';
import type { CommandContext, CommandResult } from '#event-store';
import type { Aggregates } from './aggregates.ts';
import type { Written } from './written.ts';

export interface CreatedService extends Written {
  readonly serviceSid: string;
}

/**
 * Creates a Service. Its sid derives from the command id unless the caller sets it, so a command that is sent again
 * finds the same Service.
 */
export async function createService(
  { services }: Pick<Aggregates, 'services'>,
  {
    friendlyName,
    context,
    serviceSid = deriveSid('IS', context.commandId),
  }: {
    readonly friendlyName: string;
    readonly context: CommandContext;
    readonly serviceSid?: string | undefined;
  },
): Promise<CreatedService> {
  const command = { type: 'CreateService', serviceSid, friendlyName } as const;
  const { position } = await services.handle(serviceStream(serviceSid), command, context);
  return { serviceSid, position };
}

/** Changes settings of a Service, the reachability flag, or both at once. */
export function updateService(
  { services }: Pick<Aggregates, 'services'>,
  {
    serviceSid,
    changes,
    reachabilityEnabled,
    context,
  }: {
    readonly serviceSid: string;
    readonly changes: ServiceSettingsPatch;
    /** Undefined leaves the flag as it is. */
    readonly reachabilityEnabled?: boolean | undefined;
    readonly context: CommandContext;
  },
): Promise<CommandResult<ServiceState>> {
  const flag = reachabilityEnabled === undefined ? {} : { reachabilityEnabled };
  const command = { type: 'UpdateService', changes, ...flag } as const;
  return services.handle(serviceStream(serviceSid), command, context);
}

/** Deletes a Service. A worker then deletes its Users, which closes their Connections. */
export function deleteService(
  { services }: Pick<Aggregates, 'services'>,
  { serviceSid, context }: { readonly serviceSid: string; readonly context: CommandContext },
): Promise<Written> {
  return services.handle(serviceStream(serviceSid), { type: 'DeleteService' }, context);
}

/**
 * Checks that a Service exists, so that no User is created in one that does not. It reads the log, which is ahead of
 * the read model. A User that is created while its Service is being deleted is deleted with the others.
 *
 * @throws DomainError `SERVICE.NOT_FOUND`
 */
export async function assertServiceExists(
  { services }: Pick<Aggregates, 'services'>,
  serviceSid: string,
): Promise<void> {
  if (isSid('IS', serviceSid)) {
    const { state } = await services.load(serviceStream(serviceSid));
    if (state.status === 'active') return;
  }
  throw new DomainError('SERVICE.NOT_FOUND', 'Service not found');
}
