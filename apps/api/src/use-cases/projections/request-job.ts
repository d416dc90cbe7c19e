import { Inject, Logger } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { ProjectionJob } from '#operational-state';
import type { Stores } from '#shared/composition/stores';
import { requestJob } from '#shared/use-cases/projection-jobs/request-job';
import { STORES } from '../../platform/injection-tokens.ts';
import type { InputOf } from '../input-of.ts';

/** Queues a job on a projection; null where there is no such projection. */
export class RequestJob extends Command<ProjectionJob | null> {
  constructor(readonly input: InputOf<typeof requestJob>) {
    super();
  }
}

@CommandHandler(RequestJob)
export class RequestJobHandler implements ICommandHandler<RequestJob> {
  readonly #logger = new Logger(RequestJob.name);

  constructor(@Inject(STORES) private readonly stores: Stores) {}

  async execute({ input }: RequestJob): Promise<ProjectionJob | null> {
    const job = await requestJob(this.stores, input);
    if (job !== null) {
      const { sid, kind, projection, requestedBy } = job;
      this.#logger.log(`Job ${sid} (${kind} of ${projection}) was requested by ${requestedBy}`);
    }
    return job;
  }
}
