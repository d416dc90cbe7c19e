import { PING_SECONDS, PONG_SECONDS } from '#domain';
import { formatVersion } from '#read-model';
import type { Session } from '../sessions/session.ts';
import type { ChangePublisher } from '../watching/change-publisher.ts';
import type { Limits, ServerFrame } from './server-frames.ts';

/** Returns the first frame that a client is sent. */
export function readyFrame(
  session: Session,
  resumed: boolean,
  {
    epoch,
    limits,
    publisher,
  }: {
    readonly epoch: string;
    readonly limits: Limits;
    readonly publisher: Pick<ChangePublisher, 'serviceReachability'>;
  },
): ServerFrame {
  const service = publisher.serviceReachability(session.serviceSid);
  return {
    type: 'ready',
    connection_sid: session.connectionSid,
    service_sid: session.serviceSid,
    user_sid: session.userSid,
    identity: session.identity,
    version: formatVersion(epoch, session.position),
    resumed,
    reachability_enabled: service?.reachabilityEnabled ?? false,
    ping_ms: PING_SECONDS * 1_000,
    pong_ms: PONG_SECONDS * 1_000,
    grace_ms: session.graceMs,
    limits,
  };
}
