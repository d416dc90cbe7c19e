import type { TtlEntry, TtlStore } from '#operational-state';
import type { ConnectionOfUser } from '#read-model';

/** An open Connection with its deadline, which is null where a node holds the socket. */
export interface ConnectionWithDeadline {
  readonly connection: ConnectionOfUser;
  readonly deadline: TtlEntry | null;
}

/** Adds the deadline, which is in operational state and not in the read model. */
export async function withDeadline(
  ttls: TtlStore,
  connection: ConnectionOfUser,
): Promise<ConnectionWithDeadline> {
  const { sid, ttlSeconds } = connection;
  return { connection, deadline: ttlSeconds === null ? null : await ttls.find(sid) };
}
