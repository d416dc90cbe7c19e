import type { FastifyReply } from 'fastify';

/** Header of an answer that may not show the latest writes. */
export const READ_MODEL_HEADER = 'X-Read-Model';

/** Sets the header where the answer comes from a read model that is behind. */
export function markBehind(reply: FastifyReply, isBehind: boolean): void {
  if (isBehind) void reply.header(READ_MODEL_HEADER, 'behind');
}
