import type { ServiceEvent, UserEvent } from '#domain';
import type { UserRow } from '../users/users-state.ts';
import type { FactCause } from './timeline-state.ts';

/** @param before the User before the event, which has the device of a closed Connection */
export function causeOf(
  event: UserEvent | ServiceEvent,
  actor: string,
  before: UserRow | null = null,
): FactCause {
  const cause = { type: event.type, ...NOTHING, actor };
  switch (event.type) {
    case 'ConnectionOpened': {
      const { connectionSid: subjectSid, deviceId } = event.data;
      return { ...cause, subjectSid, deviceId };
    }
    case 'ConnectionClosed': {
      const { connectionSid: subjectSid, cause: closeCause, lastSeenAt } = event.data;
      const closed = before?.connections.find(({ sid }) => sid === subjectSid);
      return { ...cause, subjectSid, deviceId: closed?.deviceId ?? null, closeCause, lastSeenAt };
    }
    case 'BindingRegistered':
    case 'BindingRemoved':
      return { ...cause, subjectSid: event.data.bindingSid };
    default:
      return cause;
  }
}

const NOTHING = { subjectSid: null, deviceId: null, closeCause: null, lastSeenAt: null } as const;
