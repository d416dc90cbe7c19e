import { userStream, type CloseCause, type Incarnation, type Transport } from '#domain';
import type { CommandContext, Position } from '#event-store';
import type { Aggregates } from './aggregates.ts';
import type { Written } from './written.ts';

/**
 * Opens a Connection whose socket this process holds; an unknown identity becomes a User. Settles with its position
 * in the log once it is durable.
 *
 * @throws DomainError `IDENTITY.*`, `TOKEN.REVOKED`
 * @throws EventStoreError if the store stays unreachable, or the outcome of the append stays unknown
 */
export async function openSocketConnection(
  { users }: Pick<Aggregates, 'users'>,
  {
    serviceSid,
    identity,
    userSid,
    connectionSid,
    transport,
    node,
    deviceId,
    token,
    context,
  }: {
    readonly serviceSid: string;
    readonly identity: string;
    /** That of the identity in its Service. */
    readonly userSid: string;
    readonly connectionSid: string;
    readonly transport: Transport;
    readonly node: Incarnation;
    readonly deviceId: string | null;
    /** The client's token, with its time of issue in seconds since 1970, if it has one. */
    readonly token: { readonly issuedAt: number | null };
    readonly context: CommandContext;
  },
): Promise<Position> {
  const { position } = await users.handle(
    userStream(userSid),
    {
      type: 'OpenConnection',
      connectionSid,
      transport,
      node,
      deviceId,
      ttlSeconds: null,
      createAs: { serviceSid, identity },
      token,
    },
    context,
  );
  if (position === null) throw new Error('An opened Connection has no position in the log');
  return position;
}

/**
 * Records that a Connection has ended.
 *
 * @throws DomainError if it is not open: another process has closed it, or it was never opened
 */
export function recordConnectionClose(
  { users }: Pick<Aggregates, 'users'>,
  {
    userSid,
    connectionSid,
    cause,
    lastSeenAt,
    context,
  }: {
    readonly userSid: string;
    readonly connectionSid: string;
    readonly cause: CloseCause;
    /** ISO 8601 time at which the client last gave a sign of life. */
    readonly lastSeenAt: string;
    readonly context: CommandContext;
  },
): Promise<Written> {
  const command = { type: 'CloseConnection', connectionSid, cause, lastSeenAt } as const;
  return users.handle(userStream(userSid), command, context);
}
