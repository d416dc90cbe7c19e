import { DomainError, userSid, userStream, type UserProfile } from '#domain';
import type { CommandContext } from '#event-store';
import type { Aggregates } from './aggregates.ts';

export type ImportOutcome = 'created' | 'updated' | 'unchanged';

/**
 * Creates a User, or changes the profile of one that exists. Importing it again changes nothing. The caller checks
 * once, for all Users that it imports, that the Service exists.
 */
export async function importUser(
  { users }: Pick<Aggregates, 'users'>,
  {
    serviceSid,
    identity,
    profile,
    context,
  }: {
    readonly serviceSid: string;
    readonly identity: string;
    readonly profile: Partial<UserProfile>;
    readonly context: CommandContext;
  },
): Promise<ImportOutcome> {
  const stream = userStream(userSid(serviceSid, identity));
  const { state } = await users.load(stream);
  if (state.status === 'absent') {
    try {
      const command = { type: 'CreateUser', serviceSid, identity, ...profile } as const;
      await users.handle(stream, command, context);
      return 'created';
    } catch (error) {
      // Another process has created the User since.
      if (!(error instanceof DomainError && error.code === 'USER.ALREADY_EXISTS')) throw error;
    }
  }
  const { appended } = await users.handle(
    stream,
    { type: 'UpdateUser', changes: profile },
    context,
  );
  return appended.length === 0 ? 'unchanged' : 'updated';
}
