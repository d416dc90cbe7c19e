import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { DomainError } from '#domain';
import { latest, type Position } from '#event-store';
import type { UsersReadModel } from '#read-model';
import { Settings } from '#shared/settings/settings';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { systemContext } from '#shared/use-cases/system-context';
import { BackgroundLoop } from '../platform/background-loop.ts';
import { USERS_READ_MODEL } from '../platform/injection-tokens.ts';
import { DeleteUser } from '../use-cases/users/delete-user.ts';
import { logFailure } from '../platform/log-failure.ts';

const PAUSE_MS = 250;
/** Users deleted concurrently. */
const BATCH = 32;
/** Milliseconds to wait for the read model to show a batch as deleted before looking for the next. */
const VISIBLE_TIMEOUT_MS = 5_000;

/**
 * Deletes the Users of deleted Services, which closes their Connections. It works from current state, so it can run at
 * any time and in several workers, and it also finds Users that were created while their Service was being deleted.
 */
@Injectable()
export class DeletedServices extends BackgroundLoop {
  /** Checkpoint of the read model at which no User was left. */
  #idleAt: Position | null = null;

  constructor(
    @Inject(Settings) settings: Pick<Settings, 'ROLE'>,
    private readonly commands: CommandBus,
    @Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel,
    private readonly progress: ReadModelProgress,
  ) {
    super({
      name: 'Deleting Users of deleted Services',
      pauseMs: PAUSE_MS,
      isEnabled: settings.ROLE !== 'api',
      signal: progress,
    });
  }

  /** Deletes one batch of Users. */
  async runOnce(): Promise<'more' | 'idle'> {
    const { position: checkpoint } = await this.readModel.checkpoint();
    if (checkpoint === this.#idleAt) return 'idle';
    const users = await this.readModel.usersOfDeletedServices(BATCH);
    if (users.length === 0) {
      this.#idleAt = checkpoint;
      return 'idle';
    }
    const positions = await Promise.all(users.map(({ sid }) => this.#delete(sid)));
    const visible = await this.progress.waitFor(positions.reduce(latest, null), VISIBLE_TIMEOUT_MS);
    return visible && !positions.includes(null) ? 'more' : 'idle';
  }

  /** Returns the position of the deletion; null if it failed, then the next round retries it. */
  async #delete(userSid: string): Promise<Position | null> {
    try {
      const context = systemContext('worker', userSid);
      const { position } = await this.commands.execute(new DeleteUser({ user: userSid, context }));
      return position;
    } catch (error) {
      if (!(error instanceof DomainError)) {
        const user = `User ${userSid} of a deleted Service`;
        logFailure(this.logger, 'error', `Cannot delete ${user}; retrying`, error);
      }
      return null;
    }
  }
}
