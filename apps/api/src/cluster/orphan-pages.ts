import { randomUUID } from 'node:crypto';
import type { Incarnation } from '#domain';
import type { NodeConnection, NodeConnectionCursor, UsersReadModel } from '#read-model';

/**
 * Yields pages of all open Connections of an incarnation and those before it. The pages start at a random Connection
 * and wrap around, so that several workers start at different places and each skips what the read model shows as
 * closed by another. Each page is read when the caller asks for it.
 */
export async function* orphanPages(
  readModel: Pick<UsersReadModel, 'orphanedConnections'>,
  ended: Incarnation,
  size: number,
): AsyncGenerator<readonly NodeConnection[], void> {
  const start: NodeConnectionCursor = {
    node: ended,
    userSid: `US${randomUUID().replaceAll('-', '')}`,
    sid: '',
  };
  yield* pagesFrom(readModel, ended, size, start);
  for await (const page of pagesFrom(readModel, ended, size, null)) {
    const before = page.filter((connection) => isBefore(connection, start));
    yield before;
    if (before.length < page.length) return;
  }
}

async function* pagesFrom(
  readModel: Pick<UsersReadModel, 'orphanedConnections'>,
  ended: Incarnation,
  size: number,
  start: NodeConnectionCursor | null,
): AsyncGenerator<readonly NodeConnection[], void> {
  let after = start;
  for (;;) {
    const page: readonly NodeConnection[] = await readModel.orphanedConnections(ended, after, size);
    yield page;
    after = page.at(-1) ?? null;
    if (page.length < size) return;
  }
}

function isBefore({ node, userSid }: NodeConnectionCursor, start: NodeConnectionCursor): boolean {
  const later = node.incarnation - start.node.incarnation;
  return later < 0 || (later === 0 && userSid < start.userSid);
}
