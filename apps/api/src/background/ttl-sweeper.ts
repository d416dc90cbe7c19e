import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { DomainError, uuidV5 } from '#domain';
import type { TtlEntry, TtlStore } from '#operational-state';
import type { UsersReadModel } from '#read-model';
import { Settings } from '#shared/settings/settings';
import { CLOCK, TTL_STORE, USERS_READ_MODEL, type Clock } from '../platform/injection-tokens.ts';
import { RecordConnectionClose } from '../use-cases/connections/record-connection-close.ts';
import { PollingLoop } from '../platform/polling-loop.ts';

const PAUSE_MS = 1_000;
/** Connections closed side by side; their closes are committed in groups. */
const BATCH = 256;
/** Milliseconds after which a close that failed, or whose worker died, is tried again. */
const RETRY_AFTER_MS = 5_000;
/** Connections without a deadline are looked for this often, so many at a time. */
const WALK_EVERY_MS = 60_000;
const WALK_PAGE = 1_000;

/** Where a walk over all Connections stands, or when the next begins. */
type Walk = { readonly afterSid: string } | { readonly nextAt: number };

/**
 * Closes Connections opened over HTTP whose TTL has run out unrenewed, and gives those a deadline anew that have
 * lost theirs. Any number of workers may do so.
 */
@Injectable()
export class TtlSweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(TtlSweeper.name);
  readonly #wanted: boolean;
  readonly #loop = new PollingLoop(
    'Closing expired connections',
    () => this.sweep(),
    PAUSE_MS,
    this.#logger,
  );
  #walk: Walk = { afterSid: '' };

  constructor(
    @Inject(Settings) settings: Pick<Settings, 'ROLE'>,
    private readonly commands: CommandBus,
    @Inject(TTL_STORE) private readonly ttls: TtlStore,
    @Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#wanted = settings.ROLE !== 'api';
  }

  onApplicationBootstrap(): void {
    if (this.#wanted) this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
  }

  /** One round: closes a batch of what has expired, and takes a step of the walk where one is due. */
  async sweep(): Promise<'more' | 'idle'> {
    const now = this.clock().getTime();
    const expired = await this.ttls.takeExpired(now, BATCH, RETRY_AFTER_MS);
    await Promise.all(expired.map((entry) => this.#close(entry)));
    const walking = await this.#step(now);
    return expired.length === BATCH || walking ? 'more' : 'idle';
  }

  async #close({ connectionSid, userSid, renewedAt }: TtlEntry): Promise<void> {
    const lastSeenAt = new Date(renewedAt).toISOString();
    const commandId = uuidV5(`expired:${connectionSid}`);
    const context = { commandId, correlationId: connectionSid, actor: 'worker' };
    try {
      await this.commands.execute(
        new RecordConnectionClose({
          userSid,
          connectionSid,
          cause: 'expired',
          lastSeenAt,
          context,
        }),
      );
    } catch (error) {
      // What the rules refuse has been closed by somebody else.
      if (!(error instanceof DomainError)) {
        this.#logger.error(`${connectionSid} expired but is not closed yet: ${String(error)}`);
        return;
      }
    }
    await this.ttls.remove(connectionSid);
  }

  /** True while the walk has further to go. */
  async #step(now: number): Promise<boolean> {
    if ('nextAt' in this.#walk && this.#walk.nextAt > now) return false;
    const afterSid = 'nextAt' in this.#walk ? '' : this.#walk.afterSid;
    const connections = await this.readModel.httpConnections(afterSid, WALK_PAGE);
    for (const { sid: connectionSid, serviceSid, userSid, ttlSeconds } of connections) {
      if (ttlSeconds === null) continue;
      await this.ttls.start({ connectionSid, serviceSid, userSid, ttlSeconds, renewedAt: now });
    }
    const last = connections.at(-1);
    const ended = last === undefined || connections.length < WALK_PAGE;
    this.#walk = ended ? { nextAt: now + WALK_EVERY_MS } : { afterSid: last.sid };
    return !ended;
  }
}
