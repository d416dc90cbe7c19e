import { nodeStream } from '#domain';
import type { ReachabilityAnswer } from '../users/answer.ts';
import type { ConnectionRow, ServiceRow, UserRow } from '../users/users-state.ts';
import type { AuditedEvent } from './effective-times.ts';
import type { UserPast } from './user-past.ts';

/** An event, and what it has to do with the answer. */
export interface Evidence extends AuditedEvent {
  readonly because: string;
}

/** The events that made the answer what it is, in log order: without any one of them it could be another. */
export function evidenceFor(
  past: UserPast & { readonly user: UserRow; readonly service: ServiceRow },
  answer: ReachabilityAnswer,
): Evidence[] {
  const { user, service } = past;
  const found = new Map<AuditedEvent, string>();
  const add = (event: AuditedEvent | undefined | null, because: string): void => {
    if (event !== undefined && event !== null && !found.has(event)) found.set(event, because);
  };
  const byPosition = new Map(past.events.map((event) => [event.recorded.position, event]));
  const at = (position: string | null): AuditedEvent | undefined => byPosition.get(position ?? '');

  add(at(user.createdPosition), 'the User exists from here on');
  if (service.flagPosition === null) {
    add(at(service.createdPosition), 'reachability is disabled on a fresh Service');
  } else if (!service.reachabilityEnabled) {
    add(at(service.flagPosition), 'there is no answer while reachability is disabled');
  } else {
    add(at(service.flagPosition), 'there is an answer from the first connect after this');
  }
  if (answer.reasonCode === 'not_connected_since_enabled') {
    add(at(user.lastConnectPosition), 'the latest connect, which was before that');
  }
  if (answer.isOnline !== null) {
    add(firstConnect(past), 'the first connect since reachability was enabled');
    for (const connection of user.connections) {
      if (connection.counted)
        add(at(connection.openedPosition), 'still open, so the User is online');
      else {
        add(endOf(past.events, connection.node), 'this process counts for nothing any more');
        add(
          at(connection.openedPosition),
          'opened after its process had ended, so it counts for nothing',
        );
      }
    }
    if (!answer.isOnline && past.wentOffline !== null) {
      addClose(past, past.wentOffline, add);
    }
    for (const { createdPosition } of user.bindings) {
      add(at(createdPosition), 'still registered, so a push notification can reach the User');
    }
    if (user.bindings.length === 0) add(past.becameUnbound, 'no binding is left after this');
  }
  return past.events.flatMap((event) => {
    const because = found.get(event);
    return because === undefined ? [] : [{ ...event, because }];
  });
}

type Add = (event: AuditedEvent | undefined | null, because: string) => void;

/** The connect that gave the User an answer again after the latest change of the flag. */
function firstConnect({
  events,
  user,
  service,
}: UserPast & { readonly user: UserRow; readonly service: ServiceRow }): AuditedEvent | undefined {
  const after = [service.flagPosition ?? '', user.createdPosition].toSorted().at(-1) ?? '';
  return events.find(
    ({ recorded, event, effectiveAt }) =>
      event.type === 'ConnectionOpened' &&
      recorded.position > after &&
      effectiveAt === user.answeredSince,
  );
}

function addClose({ events }: UserPast, close: AuditedEvent, add: Add): void {
  add(close, 'the last open connection closed, so the User is offline');
  if (close.event.type !== 'ConnectionClosed') return;
  const { connectionSid, cause } = close.event.data;
  const opened = events.findLast(
    ({ event, recorded }) =>
      event.type === 'ConnectionOpened' &&
      event.data.connectionSid === connectionSid &&
      recorded.position < close.recorded.position,
  );
  add(opened, 'the connection that was open last');
  if (cause !== 'node_lost' || opened?.event.type !== 'ConnectionOpened') return;
  add(endOf(events, opened.event.data.node), 'the process that held that connection ended');
}

function endOf(
  events: readonly AuditedEvent[],
  node: ConnectionRow['node'],
): AuditedEvent | undefined {
  if (node === null) return undefined;
  return events.find(
    ({ recorded, event }) =>
      recorded.stream === nodeStream(node.nodeId) &&
      (event.type === 'NodeLost' || event.type === 'NodeStopped') &&
      event.data.incarnation === node.incarnation,
  );
}
