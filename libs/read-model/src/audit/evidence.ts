import type { ReachabilityAnswer } from '../users/answer.ts';
import type { ServiceRow, UserRow } from '../users/users-state.ts';
import type { AuditedEvent } from './effective-times.ts';
import { EvidenceCollector, type Evidence } from './evidence-collector.ts';
import type { UserPast } from './user-past.ts';

type KnownPast = UserPast & { readonly user: UserRow; readonly service: ServiceRow };

/**
 * The events that made the answer what it is, in log order. Folded alone, on top of the creation of the Service,
 * they give the same answer; everything else that happened does not matter for it.
 */
export function evidenceFor(past: KnownPast, answer: ReachabilityAnswer): Evidence[] {
  const { user, service } = past;
  const findings = new EvidenceCollector(past.events);
  findings.add(findings.at(user.createdPosition), 'the User exists from here on');
  addFlag(findings, service);
  if (answer.reasonCode === 'not_connected_since_enabled') {
    findings.add(
      findings.at(user.lastConnectPosition),
      'the latest connect, which was before that',
    );
  }
  if (answer.isOnline !== null) {
    findings.addConnection(firstConnect(past), 'the first connect since reachability was enabled');
    addConnections(findings, past, answer.isOnline);
    addBindings(findings, past);
  }
  return findings.inOrder();
}

function addFlag(findings: EvidenceCollector, service: ServiceRow): void {
  const { flagPosition, createdPosition, reachabilityEnabled } = service;
  if (flagPosition === null) {
    findings.add(findings.at(createdPosition), 'reachability is disabled on a fresh Service');
  } else {
    findings.add(
      findings.at(flagPosition),
      reachabilityEnabled
        ? 'there is an answer from the first connect after this'
        : 'there is no answer while reachability is disabled',
    );
  }
}

/** The connect that gave the User an answer after the latest change of the flag. */
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
  findings: EvidenceCollector,
  { user, wentOffline }: KnownPast,
  isOnline: boolean,
): void {
  for (const { counted, openedPosition, node } of user.connections) {
    const opened = findings.at(openedPosition);
    if (counted) findings.add(opened, 'still open, so the User is online');
    else {
      findings.addNode(node, 'this process had ended before it wrote that down');
      findings.add(opened, 'written by a process that had already ended, so it counts for nothing');
    }
  }
  if (isOnline || wentOffline?.event.type !== 'ConnectionClosed') return;
  const { connectionSid, cause } = wentOffline.event.data;
  const opened = findings.opening(connectionSid, wentOffline);
  findings.add(opened, 'the connection that was open last');
  findings.add(wentOffline, 'the last open connection closed, so the User is offline');
  if (cause === 'node_lost' && opened?.event.type === 'ConnectionOpened') {
    findings.addNode(opened.event.data.node, 'the process that held that connection');
  }
}

function addBindings(findings: EvidenceCollector, { user, becameUnbound }: KnownPast): void {
  for (const { createdPosition } of user.bindings) {
    const registered = findings.at(createdPosition);
    findings.add(registered, 'still registered, so a push notification can reach the User');
  }
  if (user.bindings.length === 0) findings.add(becameUnbound, 'no binding is left after this');
}
