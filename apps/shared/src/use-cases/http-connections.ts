import { deriveSid, DomainError, userStream } from '#domain';
import type { CommandContext } from '#event-store';
import type { SharedClock, TtlStore } from '#operational-state';
import type { Aggregates } from './aggregates.ts';
import { recordConnectionClose } from './connections.ts';
import { RefusedError } from './refused-error.ts';
import { resolveUser, type UserPath } from './users.ts';
import type { Written } from './written.ts';

/** Dependencies of the use cases of Connections that are opened over HTTP. */
interface HttpConnectionDependencies {
  readonly aggregates: Aggregates;
  readonly ttls: TtlStore;
}

/** Deadlines are times of the clock that all processes share: another machine judges them. */
interface DeadlineDependencies extends HttpConnectionDependencies {
  readonly sharedClock: SharedClock;
}

export interface OpenedConnection extends Written {
  readonly connectionSid: string;
}

/**
 * Opens a Connection for a gateway that holds the socket itself. Its sid derives from the command id, so a command
 * that is sent again finds the same Connection.
 */
export async function openConnection(
  { aggregates, ttls, sharedClock }: DeadlineDependencies,
  {
    user,
    ttlSeconds,
    deviceId,
    context,
  }: {
    readonly user: UserPath;
    readonly ttlSeconds: number;
    readonly deviceId: string | null;
    readonly context: CommandContext;
  },
): Promise<OpenedConnection> {
  const userSid = await resolveUser(aggregates, user, context);
  const { serviceSid } = user;
  const connectionSid = deriveSid('CN', context.commandId);
  const { position } = await aggregates.users.handle(
    userStream(userSid),
    {
      type: 'OpenConnection',
      connectionSid,
      transport: 'http',
      node: null,
      deviceId,
      ttlSeconds,
    },
    context,
  );
  const renewedAt = await sharedClock();
  await ttls.start({ connectionSid, serviceSid, userSid, ttlSeconds, renewedAt });
  return { connectionSid, position };
}

/**
 * Moves the deadline of a Connection that was opened over HTTP. It changes operational state only, nothing in the
 * log; the answer is the position from which on the Connection exists.
 *
 * @throws DomainError `CONNECTION.NOT_FOUND`, also if the deadline has passed and a worker closes the Connection
 * @throws RefusedError for a Connection whose socket a node holds
 */
export async function renewConnection(
  { aggregates, ttls, sharedClock }: DeadlineDependencies,
  {
    user,
    connectionSid,
    ttlSeconds: newTtlSeconds,
    context,
  }: {
    readonly user: UserPath;
    readonly connectionSid: string;
    /** Null keeps the current TTL. */
    readonly ttlSeconds: number | null;
    readonly context: CommandContext;
  },
): Promise<Written> {
  const userSid = await resolveUser(aggregates, user, context);
  const { connection, position } = await findConnection(aggregates, userSid, connectionSid);
  if (connection === undefined) throw notOpen();
  if (connection.ttlSeconds === null) {
    throw new RefusedError('A Connection that a socket holds has no Ttl to renew');
  }
  const [entry, renewedAt] = await Promise.all([ttls.find(connectionSid), sharedClock()]);
  const ttlSeconds = newTtlSeconds ?? entry?.ttlSeconds ?? connection.ttlSeconds;
  if (entry === null) {
    const { serviceSid } = user;
    await ttls.start({ connectionSid, serviceSid, userSid, ttlSeconds, renewedAt });
  } else if (!(await ttls.renew(connectionSid, ttlSeconds, renewedAt))) {
    throw notOpen();
  }
  return { position };
}

/**
 * Closes a Connection at the request of an API client: the cause is `clean` if a gateway opened it, `admin` if
 * a node holds its socket.
 *
 * @throws DomainError `USER.NOT_FOUND`, `CONNECTION.NOT_FOUND`
 */
export async function closeConnection(
  { aggregates, ttls, clock }: HttpConnectionDependencies & { readonly clock: () => Date },
  {
    user,
    connectionSid,
    context,
  }: {
    readonly user: UserPath;
    readonly connectionSid: string;
    readonly context: CommandContext;
  },
): Promise<Written> {
  const userSid = await resolveUser(aggregates, user, context);
  const { connection } = await findConnection(aggregates, userSid, connectionSid);
  const cause = connection?.ttlSeconds === null ? 'admin' : 'clean';
  const lastSeenAt = clock().toISOString();
  const written = await recordConnectionClose(aggregates, {
    userSid,
    connectionSid,
    cause,
    lastSeenAt,
    context,
  });
  await ttls.remove(connectionSid);
  return written;
}

async function findConnection({ users }: Aggregates, userSid: string, connectionSid: string) {
  const { state, position } = await users.load(userStream(userSid));
  const connections = state.status === 'active' ? state.connections : [];
  return { connection: connections.find(({ sid }) => sid === connectionSid), position };
}

function notOpen(): DomainError {
  return new DomainError('CONNECTION.NOT_FOUND', 'Connection is not open');
}
