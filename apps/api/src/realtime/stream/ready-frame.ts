import { PING_SECONDS, PONG_SECONDS } from '#domain';
import { formatVersion } from '#read-model';
import type { Session } from '../sessions/session.ts';
import type { ServerFrame } from './server-frames.ts';
import type { StreamContext } from './stream-context.ts';

/** Returns the first frame that a client is sent. */
export function readyFrame(
  { epoch, publisher, limits }: Pick<StreamContext, 'epoch' | 'publisher' | 'limits'>,
  session: Session,
  resumed: boolean,
): ServerFrame {
  const service = publisher.serviceFacts(session.serviceSid);
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
