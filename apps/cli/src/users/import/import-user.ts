import {
  DomainError,
  userSid,
  userStream,
  type UserCommand,
  type UserEvent,
  type UserState,
} from '#domain';
import type { AggregateCommandHandler } from '#event-store';
import { cliContext } from '../../stores/commands.ts';
import type { ImportedUser } from './imported-user.ts';

/** The effect of importing a User. */
export type ImportOutcome = 'created' | 'updated' | 'unchanged';

type UserCommands = AggregateCommandHandler<UserState, UserCommand, UserEvent>;

/** Creates or updates a User. Importing the same User again changes nothing. */
export async function importUser(
  commands: UserCommands,
  serviceSid: string,
  { identity, profile }: ImportedUser,
): Promise<ImportOutcome> {
  const stream = userStream(userSid(serviceSid, identity));
  const { state } = await commands.load(stream);
  if (state.status === 'absent') {
    try {
      await commands.handle(
        stream,
        { type: 'CreateUser', serviceSid, identity, ...profile },
        cliContext(),
      );
      return 'created';
    } catch (error) {
      // Another process has created the User in the meantime.
      if (!(error instanceof DomainError && error.code === 'USER.ALREADY_EXISTS')) throw error;
    }
  }
  const command = { type: 'UpdateUser', changes: profile } as const;
  const { appended } = await commands.handle(stream, command, cliContext());
  return appended.length === 0 ? 'unchanged' : 'updated';
}
