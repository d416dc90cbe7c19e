import { Inject, Logger } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { ProjectionJob } from '#operational-state';
import type { Stores } from '#shared/composition/stores';
import { cancelJob } from '#shared/use-cases/projection-jobs/cancel-job';
import { STORES } from '../../platform/injection-tokens.ts';
import type { InputOf } from '../input-of.ts';

/** Cancels a job on a projection. Returns it as it is afterwards; null where there is none. */
export class CancelJob extends Command<ProjectionJob | null> {
  constructor(readonly input: InputOf<typeof cancelJob>) {
    super();
  }
}

@CommandHandler(CancelJob)
export class CancelJobHandler implements ICommandHandler<CancelJob> {
  readonly #logger = new Logger(CancelJob.name);

  constructor(@Inject(STORES) private readonly stores: Stores) {}

  async execute({ input }: CancelJob): Promise<ProjectionJob | null> {
    const job = await cancelJob(this.stores, input);
    if (job !== null) {
      const { sid, kind, projection, status } = job;
      const name = `Job ${sid} (${kind} of ${projection}, ${status})`;
      this.#logger.log(`${name} was asked to end by ${input.actor}`);
    }
    return job;
  }
}
