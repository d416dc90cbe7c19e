import { randomUUID } from 'node:crypto';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { DomainError } from '#domain';
import { latest, type Position } from '#event-store';
import type { UsersReadModel } from '#read-model';
import { Settings } from '#shared/settings/settings';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { USERS_READ_MODEL } from '../platform/injection-tokens.ts';
import { DeleteUser } from '../use-cases/users/delete-user.ts';
import { PollingLoop } from '../platform/polling-loop.ts';

const PAUSE_MS = 250;
/** Users deleted side by side. */
const BATCH = 32;
/** Milliseconds to wait until the read model shows a batch as deleted, before looking for the next. */
const VISIBLE_WITHIN_MS = 5_000;

/**
 * Deletes the Users of deleted Services, which closes their Connections. It looks at what is, not at what
 * happened, so it finds them whenever it runs, also those that slipped in as their Service went; and any number
 * of workers may run it.
 */
@Injectable()
export class DeletedServices implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(DeletedServices.name);
  readonly #wanted: boolean;
  readonly #loop = new PollingLoop(
    'Deleting users of deleted services',
    () => this.reconcile(),
    PAUSE_MS,
    this.#logger,
  );
  /** Place of the read model at which there was nothing left to do. */
  #clearAt: Position | null = null;

  constructor(
    @Inject(Settings) settings: Pick<Settings, 'ROLE'>,
    private readonly commands: CommandBus,
    @Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel,
    private readonly progress: ReadModelProgress,
  ) {
    this.#wanted = settings.ROLE !== 'api';
  }

  onApplicationBootstrap(): void {
    if (this.#wanted) this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
  }

  /** One round: deletes a batch of the Users that are left over. */
  async reconcile(): Promise<'more' | 'idle'> {
    const { position: lookedAt } = await this.readModel.checkpoint();
    if (lookedAt === this.#clearAt) return 'idle';
    const users = await this.readModel.usersOfDeletedServices(BATCH);
    if (users.length === 0) {
      this.#clearAt = lookedAt;
      return 'idle';
    }
    const positions = await Promise.all(users.map(({ sid }) => this.#delete(sid)));
    const visible = await this.progress.waitFor(positions.reduce(latest, null), VISIBLE_WITHIN_MS);
    return visible && !positions.includes(null) ? 'more' : 'idle';
  }

  /** Place of the deletion; null where it was not to be had, which the next round tries again. */
  async #delete(userSid: string): Promise<Position | null> {
    const context = { commandId: randomUUID(), correlationId: userSid, actor: 'worker' };
    try {
      const { position } = await this.commands.execute(new DeleteUser({ user: userSid, context }));
      return position;
    } catch (error) {
      if (!(error instanceof DomainError)) {
        this.#logger.error(`${userSid} is not deleted with its Service yet: ${String(error)}`);
      }
      return null;
    }
  }
}
