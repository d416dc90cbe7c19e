import { PING_SECONDS, PONG_SECONDS } from '#domain';
import { formatVersion } from '#read-model';
import type { SessionHandle } from '../sessions/session-handle.ts';
import type { ServerFrame } from './server-frames.ts';
import type { StreamContext } from './stream-context.ts';

/** What a client is told first. */
export function readyFrame(
  { epoch, hub, limits }: Pick<StreamContext, 'epoch' | 'hub' | 'limits'>,
  session: SessionHandle,
  resumed: boolean,
): ServerFrame {
  const service = hub.serviceFacts(session.serviceSid);
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
