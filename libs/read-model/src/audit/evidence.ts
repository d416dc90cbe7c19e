import type { ReachabilityAnswer } from '../users/answer.ts';
import type { ServiceRow, UserRow } from '../users/users-state.ts';
import type { AuditedEvent } from './effective-times.ts';
import { EvidenceCollector, type Evidence } from './evidence-collector.ts';
import type { UserPast } from './user-past.ts';

type KnownPast = UserPast & { readonly user: UserRow; readonly service: ServiceRow };

/**
 * The events that determine the answer, in log order. Folded alone, after the creation of the Service, they give the
 * same answer.
 */
export function evidenceFor(past: KnownPast, answer: ReachabilityAnswer): Evidence[] {
  const { user, service } = past;
  const evidence = new EvidenceCollector(past.events);
  evidence.add(evidence.at(user.createdPosition), 'the User exists from here on');
  addFlag(evidence, service);
  if (answer.reasonCode === 'not_connected_since_enabled') {
    evidence.add(
      evidence.at(user.lastConnectPosition),
      'the latest connect, which was before that',
    );
  }
  if (answer.isOnline !== null) {
    evidence.addConnection(firstConnect(past), 'the first connect since reachability was enabled');
    addConnections(evidence, past, answer.isOnline);
    addBindings(evidence, past);
  }
  return evidence.inOrder();
}

function addFlag(evidence: EvidenceCollector, service: ServiceRow): void {
  const { flagPosition, createdPosition, reachabilityEnabled } = service;
  if (flagPosition === null) {
    evidence.add(evidence.at(createdPosition), 'reachability is disabled on a fresh Service');
  } else {
    evidence.add(
      evidence.at(flagPosition),
      reachabilityEnabled
        ? 'there is an answer from the first connect after this'
        : 'there is no answer while reachability is disabled',
    );
  }
}

/** The connect since which the User has an answer, after the latest flag change. */
function firstConnect({ events, user, service }: KnownPast): AuditedEvent | undefined {
  const after = [service.flagPosition ?? '', user.createdPosition].toSorted().at(-1) ?? '';
  return events.find(
    ({ recorded, event, effectiveAt }) =>
      recorded.stream.endsWith(user.sid) &&
      event.type === 'ConnectionOpened' &&
      recorded.position > after &&
      effectiveAt === user.answeredSince,
  );
}

function addConnections(
  evidence: EvidenceCollector,
  { user, wentOffline }: KnownPast,
  isOnline: boolean,
): void {
  for (const { counted, openedPosition, node } of user.connections) {
    const opened = evidence.at(openedPosition);
    if (counted) evidence.add(opened, 'still open, so the User is online');
    else {
      evidence.addNode(node, 'this process had ended before it wrote that down');
      evidence.add(opened, 'written by a process that had already ended, so it counts for nothing');
    }
  }
  if (isOnline || wentOffline?.event.type !== 'ConnectionClosed') return;
  const { connectionSid, cause } = wentOffline.event.data;
  const opened = evidence.opening(connectionSid, wentOffline);
  evidence.add(opened, 'the connection that was open last');
  evidence.add(wentOffline, 'the last open connection closed, so the User is offline');
  if (cause === 'node_lost' && opened?.event.type === 'ConnectionOpened') {
    evidence.addNode(opened.event.data.node, 'the process that held that connection');
  }
}

function addBindings(evidence: EvidenceCollector, { user, lostLastBinding }: KnownPast): void {
  for (const { createdPosition } of user.bindings) {
    const registered = evidence.at(createdPosition);
    evidence.add(registered, 'still registered, so a push notification can reach the User');
  }
  if (user.bindings.length === 0) evidence.add(lostLastBinding, 'no binding is left after this');
}
