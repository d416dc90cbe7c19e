import { bindingSid, DomainError, userStream, uuidV5, type BindingType } from '#domain';
import { latest, type CommandContext, type Position } from '#event-store';
import type { Aggregates } from './aggregates.ts';
import { resolveUser, type UserPath } from './users.ts';
import type { Written } from './written.ts';

export interface RegisteredBinding extends Written {
  readonly bindingSid: string;
}

/** Records that a device can be reached by push. The same device registered again is the same Binding. */
export async function registerBinding(
  aggregates: Aggregates,
  {
    user,
    bindingType,
    address,
    endpoint,
    context,
    replacesOthers = false,
  }: {
    readonly user: string | UserPath;
    readonly bindingType: BindingType;
    readonly address: string;
    /** Name of the device; null makes one from User and device, in Twilio's form. */
    readonly endpoint: string | null;
    readonly context: CommandContext;
    /** Removes the other Bindings of this type and endpoint: a device has one address at a time. */
    readonly replacesOthers?: boolean;
  },
): Promise<RegisteredBinding> {
  const userSid = await resolveUser(aggregates, user, context);
  const sid = bindingSid(userSid, bindingType, address);
  const { position } = await aggregates.users.handle(
    userStream(userSid),
    {
      type: 'RegisterBinding',
      bindingSid: sid,
      bindingType,
      address,
      endpoint: endpoint ?? `${userSid}:${sid}`,
    },
    context,
  );
  if (!replacesOthers) return { bindingSid: sid, position };
  const removed = await removeOthers(aggregates, userSid, sid, context);
  return { bindingSid: sid, position: latest(position, removed) };
}

/**
 * Records that a device can no longer be reached by push.
 *
 * @throws DomainError `USER.NOT_FOUND`, `BINDING.NOT_FOUND`
 */
export async function removeBinding(
  aggregates: Aggregates,
  {
    user,
    bindingSid: sid,
    context,
  }: {
    readonly user: string | UserPath;
    readonly bindingSid: string;
    readonly context: CommandContext;
  },
): Promise<Written> {
  const userSid = await resolveUser(aggregates, user, context);
  const command = { type: 'RemoveBinding', bindingSid: sid } as const;
  return aggregates.users.handle(userStream(userSid), command, context);
}

/** Position of the last removal, null if there was none. */
async function removeOthers(
  aggregates: Aggregates,
  userSid: string,
  newest: string,
  context: CommandContext,
): Promise<Position | null> {
  const { state } = await aggregates.users.load(userStream(userSid));
  const bindings = state.status === 'active' ? state.bindings : [];
  const { endpoint, bindingType } = bindings.find(({ sid }) => sid === newest) ?? {};
  let removed: Position | null = null;
  for (const other of bindings) {
    const isSameDevice = other.endpoint === endpoint && other.bindingType === bindingType;
    if (!isSameDevice || other.sid === newest) continue;
    const commandId = uuidV5(`${context.commandId} replaces ${other.sid}`);
    try {
      const { position } = await removeBinding(aggregates, {
        user: userSid,
        bindingSid: other.sid,
        context: { ...context, commandId },
      });
      removed = latest(removed, position);
    } catch (error) {
      // Another command has removed it.
      if (!(error instanceof DomainError)) throw error;
    }
  }
  return removed;
}
