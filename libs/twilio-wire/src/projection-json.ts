import type { ProjectionStatus } from '#projections';
import { apiUrl, type ViewContext } from './view-context.ts';

/** A projection as operators see it: how far it is behind the log, why it is down, and its versions. */
export function projectionJson(
  { name, live, versions, lag, stuck }: ProjectionStatus,
  { accountSid, origin }: ViewContext,
) {
  const url = (...segments: readonly string[]): string =>
    apiUrl(origin, 'Projections', name, ...segments);
  return {
    name,
    account_sid: accountSid,
    status: live.downReason !== null ? 'down' : stuck ? 'stuck' : 'ok',
    live_version: live.version,
    position: live.position,
    lag_events: lag.events,
    lag_is_more: lag.isTruncated,
    lag_ms: Math.round(lag.seconds * 1_000),
    dead_letters: live.deadLetters,
    down_reason: live.downReason,
    date_down: live.downSince,
    date_moved: live.movedAt,
    versions: versions.map(({ version, state, position, deadLetters, movedAt }) => ({
      version,
      state,
      position,
      dead_letters: deadLetters,
      date_moved: movedAt,
    })),
    url: url(),
    links: { jobs: url('Jobs'), dead_letters: url('DeadLetters') },
  };
}
