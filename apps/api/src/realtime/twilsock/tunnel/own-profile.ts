import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { uuidV5 } from '#domain';
import type { Position } from '#event-store';
import { TwilioError } from '#twilio-wire/twilio-error';
import { readParameters } from '../../../platform/http/parameters/read-parameters.ts';
import { toProfile, UserProfileDto } from '../../../rest/users/users.dto.ts';
import { UpdateUser } from '../../../use-cases/users/update-user.ts';
import { WriteBudget } from '../../sessions/write-budget.ts';
import { commandContext } from '../../sessions/session-command-context.ts';
import type { TunnelCaller } from './tunnel-caller.ts';

/** Changes the friendly name and the attributes of a client's own User. */
@Injectable()
export class OwnProfile {
  constructor(
    private readonly commands: CommandBus,
    private readonly writes: WriteBudget,
  ) {}

  /** Returns the error for a client that wants to change another User. */
  static notAuthorized(): TwilioError {
    return new TwilioError(403, 50107, 'User not authorized for command');
  }

  /**
   * Changes the profile and returns its position, null if nothing changed. Clients can change neither their role nor their
   * reachability.
   *
   * @param changes parameters of REST, not validated
   * @param changeId the same for every attempt at one change; null if the client did not name it
   * @throws TwilioError that names an invalid parameter
   * @throws LimitExceededError beyond the budget of writes of the User
   */
  async update(
    session: TunnelCaller['session'],
    changes: { readonly FriendlyName?: unknown; readonly Attributes?: unknown },
    changeId: string | null,
  ): Promise<Position | null> {
    const { userSid } = session;
    const commandId = changeId === null ? undefined : uuidV5(`mutation:${userSid}\n${changeId}`);
    const profile = toProfile(await readParameters(UserProfileDto, changes));
    this.writes.charge(session);
    const command = new UpdateUser({
      user: userSid,
      changes: profile,
      context: commandContext(session, commandId),
      // A change by a client always calls the webhook; only in REST does a header decide.
      webhookEnabled: true,
    });
    const { position } = await this.commands.execute(command);
    return position;
  }
}
