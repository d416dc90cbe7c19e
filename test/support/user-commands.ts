import {
  userAggregate,
  userSid,
  userStream,
  type UserCommand,
  type UserEvent,
  type UserState,
} from '#domain';
import {
  AggregateCommandHandler,
  type CommandContext,
  type AggregateCommandHandlerOptions,
  type EventStore,
  type NewEvent,
} from '#event-store';

/** The time of every command in these tests. */
export const NOW = '2026-03-04T05:06:07.089Z';

/** Three retries without a wait. */
export const AT_ONCE = { attempts: 4, baseMs: 0, capMs: 0 } as const;

export const SERVICE_SID = `IS${'1'.repeat(32)}`;
export const sidOf = (identity: string): string => userSid(SERVICE_SID, identity);
export const streamOf = (identity: string): string => userStream(sidOf(identity));

/** The command handler of Users. A second one on the same store acts as a second process. */
export function userCommands(
  store: EventStore,
  options: AggregateCommandHandlerOptions = {},
): AggregateCommandHandler<UserState, UserCommand, UserEvent> {
  return new AggregateCommandHandler(userAggregate, store, () => new Date(NOW), {
    retry: AT_ONCE,
    ...options,
  });
}

export const context = (commandId: string): CommandContext => ({
  commandId,
  correlationId: 'request-1',
  actor: 'key:SK1',
});

export const create = (identity: string): UserCommand => ({
  type: 'CreateUser',
  serviceSid: SERVICE_SID,
  identity,
});

export const rename = (friendlyName: string): UserCommand => ({
  type: 'UpdateUser',
  changes: { friendlyName },
});

export const openConnection = (connectionSid: string): UserCommand => ({
  type: 'OpenConnection',
  connectionSid,
  transport: 'http',
  node: null,
  deviceId: null,
  ttlSeconds: 300,
});

/** Events of a User that was created and then renamed `renames` times, as another process wrote them. */
export function historyOf(identity: string, renames: number): NewEvent[] {
  const ids = { serviceSid: SERVICE_SID, userSid: sidOf(identity) };
  const profile = { friendlyName: null, attributes: '{}', roleSid: null };
  const envelope = (id: string) => ({
    id,
    schemaVersion: 1,
    metadata: { occurredAt: NOW, correlationId: id, causationId: id, actor: 'cli' },
  });
  return [
    { type: 'UserCreated', data: { ...ids, identity, ...profile }, ...envelope('created') },
    ...Array.from({ length: renames }, (_, index) => ({
      type: 'UserUpdated',
      data: { ...ids, changes: { friendlyName: `name ${index}` } },
      ...envelope(`rename ${index}`),
    })),
  ];
}
