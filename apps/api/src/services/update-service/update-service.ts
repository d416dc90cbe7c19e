import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { serviceStream, type ServiceSettingsPatch } from '#domain';
import type { CommandContext } from '#event-store';
import type { Written } from '../../http/written.ts';
import { Aggregates } from '../../infrastructure/aggregates.ts';

/** Changes settings of a Service, the reachability flag, or both at once. */
export class UpdateService extends Command<Written> {
  constructor(
    readonly serviceSid: string,
    readonly changes: ServiceSettingsPatch,
    /** Undefined leaves the flag as it is. */
    readonly reachabilityEnabled: boolean | undefined,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(UpdateService)
export class UpdateServiceHandler implements ICommandHandler<UpdateService> {
  readonly #aggregates: Aggregates;

  constructor(aggregates: Aggregates) {
    this.#aggregates = aggregates;
  }

  execute(command: UpdateService): Promise<Written> {
    const { serviceSid, changes, reachabilityEnabled, context } = command;
    const flag = reachabilityEnabled === undefined ? {} : { reachabilityEnabled };
    return this.#aggregates.services.handle(
      serviceStream(serviceSid),
      { type: 'UpdateService', changes, ...flag },
      context,
    );
  }
}
