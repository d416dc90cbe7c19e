import { DomainError, resolveUserSid, userSid, userStream, type UserProfile } from '#domain';
import type { CommandContext } from '#event-store';
import type { Aggregates } from './aggregates.ts';
import { assertServiceExists } from './services.ts';
import type { Written } from './written.ts';

/** A User as a request names it: its sid or identity within a Service. */
export interface UserPath {
  readonly serviceSid: string;
  readonly user: string;
}

/** Creates a User in a Service. */
export async function createUser(
  aggregates: Aggregates,
  {
    serviceSid,
    identity,
    profile,
    context,
    webhookEnabled = false,
  }: {
    readonly serviceSid: string;
    readonly identity: string;
    readonly profile: Partial<UserProfile>;
    readonly context: CommandContext;
    /** Whether to call the webhook of this write. */
    readonly webhookEnabled?: boolean;
  },
): Promise<Written> {
  await assertServiceExists(aggregates, serviceSid);
  return aggregates.users.handle(
    userStream(userSid(serviceSid, identity)),
    { type: 'CreateUser', serviceSid, identity, ...profile, webhookEnabled },
    context,
  );
}

/** Changes the profile of a User. */
export async function updateUser(
  aggregates: Aggregates,
  {
    user,
    changes,
    context,
    webhookEnabled = false,
  }: {
    readonly user: string | UserPath;
    readonly changes: Partial<UserProfile>;
    readonly context: CommandContext;
    /** Whether to call the webhook of this write. */
    readonly webhookEnabled?: boolean;
  },
): Promise<Written> {
  const sid = await resolveUser(aggregates, user, context);
  const command = { type: 'UpdateUser', changes, webhookEnabled } as const;
  return aggregates.users.handle(userStream(sid), command, context);
}

/** Deletes a User, closes its Connections and removes its Bindings. */
export async function deleteUser(
  { aggregates, clock }: { readonly aggregates: Aggregates; readonly clock: () => Date },
  { user, context }: { readonly user: string | UserPath; readonly context: CommandContext },
): Promise<Written> {
  const sid = await resolveUser(aggregates, user, context);
  const command = { type: 'DeleteUser', at: clock().toISOString() } as const;
  return aggregates.users.handle(userStream(sid), command, context);
}

/** A revocation of access tokens. */
export interface RevokedTokens extends Written {
  readonly userSid: string;
  /** ISO time: tokens issued before it, or in its second, no longer count. */
  readonly revokedAt: string;
}

/**
 * Revokes the access tokens of a User that were issued so far, and closes the Connections that its clients hold open.
 *
 * @throws DomainError `SERVICE.NOT_FOUND`, `USER.NOT_FOUND`
 */
export async function revokeTokens(
  { aggregates, clock }: { readonly aggregates: Aggregates; readonly clock: () => Date },
  { user, context }: { readonly user: string | UserPath; readonly context: CommandContext },
): Promise<RevokedTokens> {
  const userSid = await resolveUser(aggregates, user, context);
  const at = clock().toISOString();
  const command = { type: 'RevokeTokens', at } as const;
  const { position, state } = await aggregates.users.handle(userStream(userSid), command, context);
  return { userSid, position, revokedAt: state.tokensRevokedAt ?? at };
}

/**
 * Sid of the User that a command is for. A sid is trusted. A {@link UserPath} is checked: the User must belong to the
 * Service, so that the path of one Service never reaches into another. A command that was handled before passes
 * whatever became of the User since. The check reads the log, which is ahead of the read model.
 *
 * @throws DomainError `SERVICE.NOT_FOUND`, `USER.NOT_FOUND`
 */
export async function resolveUser(
  aggregates: Aggregates,
  user: string | UserPath,
  { commandId }: CommandContext,
): Promise<string> {
  if (typeof user === 'string') return user;
  const { serviceSid } = user;
  const sid = resolveUserSid(serviceSid, user.user);
  const { state, commands } = await aggregates.users.load(userStream(sid));
  if (commands.includes(commandId)) return sid;
  await assertServiceExists(aggregates, serviceSid);
  if (state.status === 'active' && state.serviceSid === serviceSid) return sid;
  throw new DomainError('USER.NOT_FOUND', 'User not found');
}
