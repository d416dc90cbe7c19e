import type { Logger } from '@nestjs/common';
import { userStream } from '#domain';
import type { CommandHandlings } from '../infrastructure/command-handlings.ts';
import type { EndReason } from './client.ts';

/** Why somebody else has closed a Connection of a User: a User's deletion closes its Connections with it. */
export async function reasonOfClose(
  handlings: CommandHandlings,
  userSid: string,
  logger: Logger,
): Promise<EndReason> {
  try {
    const { state } = await handlings.users.load(userStream(userSid));
    return state.status === 'active' ? 'connection closed' : 'user deleted';
  } catch (error) {
    logger.warn(`Why a Connection of ${userSid} was closed is not known: ${String(error)}`);
    return 'connection closed';
  }
}
