import type { FastifyReply } from 'fastify';

/** Header of an answer that may not show the latest writes. */
export const READ_MODEL_HEADER = 'X-Read-Model';
/** Header with the time since when the read model does not follow, in ISO 8601, during the outage of a store. */
export const READ_MODEL_SINCE_HEADER = 'X-Read-Model-Since';

/** Sets the header where the answer comes from a read model that is behind. */
export function markBehind(reply: FastifyReply, isBehind: boolean): void {
  if (isBehind) void reply.header(READ_MODEL_HEADER, 'behind');
}

/** Sets the headers of an answer during an outage. @param since in milliseconds since 1970; null without an outage */
export function markStale(reply: FastifyReply, since: number | null): void {
  if (since === null) return;
  markBehind(reply, true);
  void reply.header(READ_MODEL_SINCE_HEADER, new Date(since).toISOString());
}
