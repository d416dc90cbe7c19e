import type { Logger } from '@nestjs/common';
import { userStream } from '#domain';
import type { Aggregates } from '../../use-cases/aggregates.ts';
import type { EndReason } from './session-client.ts';

/** Why somebody else has closed a Connection of a User: a User's deletion closes its Connections with it. */
export async function reasonOfClose(
  aggregates: Aggregates,
  userSid: string,
  logger: Logger,
): Promise<EndReason> {
  try {
    const { state } = await aggregates.users.load(userStream(userSid));
    return state.status === 'active' ? 'connection closed' : 'user deleted';
  } catch (error) {
    logger.warn(`Why a Connection of ${userSid} was closed is not known: ${String(error)}`);
    return 'connection closed';
  }
}
