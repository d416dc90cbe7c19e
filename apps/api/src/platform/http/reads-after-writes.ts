import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Position } from '#event-store';
import { ReadModelProgress } from '../../use-cases/read-model-progress.ts';

/** How long an answer to a write waits for the read model, in milliseconds. */
export const READ_MODEL_WAIT_MS = 2_000;

/** Header of an answer that was given although the read model had not caught up with the write. */
export const READ_MODEL_HEADER = 'X-Read-Model';

/** Where a write landed in the log, null where it changed nothing that ever was. */
export interface Written {
  readonly position: Position | null;
}

/** Holds the answer to a write until every later read will see it. */
@Injectable()
export class ReadsAfterWrites {
  readonly #progress: ReadModelProgress;

  constructor(progress: ReadModelProgress) {
    this.#progress = progress;
  }

  /** Waits for the read model, at most {@link READ_MODEL_WAIT_MS}; says so in a header when that was not enough. */
  async settle({ position }: Written, reply: FastifyReply): Promise<void> {
    const visible = await this.#progress.waitFor(position, READ_MODEL_WAIT_MS);
    if (!visible) void reply.header(READ_MODEL_HEADER, 'behind');
  }
}
