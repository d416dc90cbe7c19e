import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { waitUntilVisible, type Written } from '#shared/use-cases/written';

/** Header of an answer that was given although the read model had not caught up with the write. */
export const READ_MODEL_HEADER = 'X-Read-Model';

/** Holds the answer to a write until every later read will see it. */
@Injectable()
export class ReadsAfterWrites {
  constructor(private readonly progress: ReadModelProgress) {}

  async settle(written: Written, reply: FastifyReply): Promise<void> {
    if (!(await waitUntilVisible(this.progress, written)))
      void reply.header(READ_MODEL_HEADER, 'behind');
  }
}
