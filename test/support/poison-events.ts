import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { userSid, userStream } from '#domain';
import type { NewEvent } from '#event-store';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';

/** Renames a User by an event of this schema version; no program can fold one of version 99. */
export function rename(
  service: string,
  identity: string,
  friendlyName: string,
  schemaVersion: number,
): NewEvent {
  return {
    id: randomUUID(),
    type: 'UserUpdated',
    schemaVersion,
    data: {
      serviceSid: service,
      userSid: userSid(service, identity),
      identity,
      changes: { friendlyName },
    },
    metadata: {
      occurredAt: new Date().toISOString(),
      correlationId: 'test',
      causationId: randomUUID(),
      actor: 'cli:test',
    },
  };
}

/** Appends to a User's stream as another program would, which knows more versions of events. */
export async function appendToUser(
  { dataDir }: { readonly dataDir: string },
  service: string,
  identity: string,
  ...events: readonly NewEvent[]
): Promise<void> {
  const stream = userStream(userSid(service, identity));
  const log = await openSqliteEventStore({ path: join(dataDir, 'events.db') });
  const [last] = await Array.fromAsync(log.readStream(stream, { backwards: true, limit: 1 }));
  await log.append(stream, last?.revision ?? 'no_stream', events);
  await log.close();
}
