import { randomUUID } from 'node:crypto';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { DomainError, userStream } from '#domain';
import { latest, type Position } from '#event-store';
import type { ConnectionOfUser, UsersReadModel } from '#read-model';
import { Settings } from '#shared/settings/settings';
import { CommandHandlings } from '../infrastructure/command-handlings.ts';
import { ReadModelProgress } from '../infrastructure/read-model-progress.ts';
import { USERS_READ_MODEL } from '../infrastructure/tokens.ts';
import { Loop } from './loop.ts';

/** Connections closed side by side; their closes are committed in groups. */
const BATCH = 256;
const PAUSE_MS = 500;
/** Milliseconds to wait until the read model shows a batch as closed, before looking for the next. */
const VISIBLE_WITHIN_MS = 5_000;

/**
 * Closes Connections whose process has ended without closing them. It looks at what is, not at what happened, so
 * it finds them whenever it runs, and any number of workers may run it.
 */
@Injectable()
export class OrphanedConnections implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(OrphanedConnections.name);
  readonly #wanted: boolean;
  readonly #handlings: CommandHandlings;
  readonly #readModel: UsersReadModel;
  readonly #progress: ReadModelProgress;
  readonly #loop = new Loop(
    'Closing orphaned connections',
    () => this.#round(),
    PAUSE_MS,
    this.#logger,
  );

  constructor(
    settings: Settings,
    handlings: CommandHandlings,
    @Inject(USERS_READ_MODEL) readModel: UsersReadModel,
    progress: ReadModelProgress,
  ) {
    this.#wanted = settings.ROLE !== 'api';
    this.#handlings = handlings;
    this.#readModel = readModel;
    this.#progress = progress;
  }

  onApplicationBootstrap(): void {
    if (this.#wanted) this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
  }

  async #round(): Promise<'more' | 'idle'> {
    const orphans = await this.#readModel.orphanedConnections(BATCH);
    if (orphans.length === 0) return 'idle';
    const positions = await Promise.all(orphans.map((orphan) => this.#close(orphan)));
    const position = positions.reduce(latest, null);
    const visible = await this.#progress.waitFor(position, VISIBLE_WITHIN_MS);
    this.#logger.log(`Closed ${orphans.length} connections that a lost node left open`);
    return visible && position !== null ? 'more' : 'idle';
  }

  /** All that is known of a client whose node died is that it was there when it connected. */
  async #close({ sid, userSid, openedAt }: ConnectionOfUser): Promise<Position | null> {
    const context = { commandId: randomUUID(), correlationId: sid, actor: 'worker' };
    const command = {
      type: 'CloseConnection',
      connectionSid: sid,
      cause: 'node_lost',
      lastSeenAt: openedAt,
    } as const;
    try {
      const { position } = await this.#handlings.users.handle(
        userStream(userSid),
        command,
        context,
      );
      return position;
    } catch (error) {
      if (error instanceof DomainError) return null;
      throw error;
    }
  }
}
