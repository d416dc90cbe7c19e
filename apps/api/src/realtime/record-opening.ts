import { userSid, userStream, type Incarnation, type Transport } from '#domain';
import type { Position } from '#event-store';
import type { Aggregates } from '../infrastructure/aggregates.ts';
import type { AccessToken } from '../tokens/access-tokens.ts';
import { commandContext } from './command-context.ts';

export interface Opening {
  readonly connectionSid: string;
  readonly commandId: string;
  readonly node: Incarnation;
  readonly transport: Transport;
  readonly deviceId: string | null;
}

/**
 * Records that a Connection is open for whom a token names; an unknown identity becomes a User. Settles once that
 * is durable, with its place in the log.
 *
 * @throws EventStoreError where the store stays unreachable, or nobody knows whether it was recorded
 */
export async function recordOpening(
  aggregates: Aggregates,
  { serviceSid, identity }: AccessToken,
  { connectionSid, commandId, node, transport, deviceId }: Opening,
): Promise<Position> {
  const { position } = await aggregates.users.handle(
    userStream(userSid(serviceSid, identity)),
    {
      type: 'OpenConnection',
      connectionSid,
      transport,
      node,
      deviceId,
      ttlSeconds: null,
      createAs: { serviceSid, identity },
    },
    commandContext({ connectionSid, identity }, commandId),
  );
  if (position === null) throw new Error('An opened Connection has no place in the log');
  return position;
}
