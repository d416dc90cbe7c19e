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

/** What came of a User that was imported. */
export type ImportOutcome = 'created' | 'updated' | 'unchanged';

type UserCommands = AggregateCommandHandler<UserState, UserCommand, UserEvent>;

/** Makes a User, or brings the one that is there to what was imported. Doing it again changes nothing. */
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
      // Somebody else has made the User meanwhile.
      if (!(error instanceof DomainError && error.code === 'USER.ALREADY_EXISTS')) throw error;
    }
  }
  const command = { type: 'UpdateUser', changes: profile } as const;
  const { appended } = await commands.handle(stream, command, cliContext());
  return appended.length === 0 ? 'unchanged' : 'updated';
}
