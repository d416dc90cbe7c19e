import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { ServiceSettingsPatch } from '#domain';
import type { CommandContext } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { updateService } from '#shared/use-cases/services';
import type { Written } from '#shared/use-cases/written';

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
  constructor(private readonly aggregates: Aggregates) {}

  execute(command: UpdateService): Promise<Written> {
    return updateService(this.aggregates, command);
  }
}
