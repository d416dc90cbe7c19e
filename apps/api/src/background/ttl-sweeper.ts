import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { DomainError, uuidV5 } from '#domain';
import type { SharedClock, TtlEntry, TtlStore } from '#operational-state';
import type { UsersReadModel } from '#read-model';
import { Settings } from '#shared/settings/settings';
import { systemContext } from '#shared/use-cases/system-context';
import { BackgroundLoop } from '../platform/background-loop.ts';
import type { RoundResult } from '../platform/polling-loop.ts';
import { SHARED_CLOCK, TTL_STORE, USERS_READ_MODEL } from '../platform/injection-tokens.ts';
import { RecordConnectionClose } from '../use-cases/connections/record-connection-close.ts';
import { logFailure } from '../platform/log-failure.ts';

const PAUSE_MS = 250;
/** Less than the shortest TTL: what starts or is renewed in a pause is not due before its end. */
const IDLE_PAUSE_MS = 8_000;
/** Connections closed concurrently. The log commits their closes in groups. */
const BATCH = 256;
/** Milliseconds after which a close is retried that failed or whose worker died. */
const RETRY_AFTER_MS = 5_000;
/** Milliseconds between two repairs of missing deadlines, and Connections read in each of their steps. */
const REPAIR_EVERY_MS = 60_000;
const REPAIR_PAGE = 1_000;

/** Progress of the current repair, or the time of the next one. */
type DeadlineRepair = { readonly afterSid: string } | { readonly nextAt: number };

/**
 * Closes Connections opened over HTTP whose TTL has expired. It also gives a new deadline to those whose deadline was
 * lost. It can run in several workers.
 */
@Injectable()
export class TtlSweeper extends BackgroundLoop {
  #repair: DeadlineRepair = { afterSid: '' };

  constructor(
    @Inject(Settings) settings: Pick<Settings, 'ROLE'>,
    private readonly commands: CommandBus,
    @Inject(TTL_STORE) private readonly ttls: TtlStore,
    @Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel,
    @Inject(SHARED_CLOCK) private readonly clock: SharedClock,
  ) {
    super({
      name: 'Closing expired Connections',
      pauseMs: PAUSE_MS,
      idlePauseMs: IDLE_PAUSE_MS,
      isEnabled: settings.ROLE !== 'api',
    });
  }

  /** Closes one batch of expired Connections, and repairs one page of deadlines if a repair is due. */
  async runOnce(): Promise<RoundResult> {
    const now = await this.clock();
    const expired = await this.ttls.takeExpired(now, BATCH, RETRY_AFTER_MS);
    await Promise.all(expired.map((entry) => this.#close(entry)));
    const isRepairing = await this.#repairStep(now);
    if (expired.length === BATCH || isRepairing) return 'more';
    const nextAt = await this.ttls.nextDeadline();
    return nextAt === null ? 'idle' : { againInMs: nextAt - now };
  }

  async #close({ connectionSid, userSid, renewedAt }: TtlEntry): Promise<void> {
    const lastSeenAt = new Date(renewedAt).toISOString();
    const commandId = uuidV5(`expired:${connectionSid}`);
    const context = { ...systemContext('worker', connectionSid), commandId };
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
      // The rules refuse a close of a Connection that is already closed.
      if (!(error instanceof DomainError)) {
        const connection = `expired Connection ${connectionSid}`;
        logFailure(this.logger, 'error', `Cannot close ${connection}; retrying`, error);
        return;
      }
    }
    await this.ttls.remove(connectionSid);
  }

  /** Returns true while the current repair has more pages. */
  async #repairStep(now: number): Promise<boolean> {
    if ('nextAt' in this.#repair && this.#repair.nextAt > now) return false;
    const afterSid = 'nextAt' in this.#repair ? '' : this.#repair.afterSid;
    const connections = await this.readModel.httpConnections(afterSid, REPAIR_PAGE);
    const entries = connections.flatMap(({ sid, serviceSid, userSid, ttlSeconds }) =>
      ttlSeconds === null
        ? []
        : [{ connectionSid: sid, serviceSid, userSid, ttlSeconds, renewedAt: now }],
    );
    await this.ttls.start(...entries);
    const last = connections.at(-1);
    const ended = last === undefined || connections.length < REPAIR_PAGE;
    this.#repair = ended ? { nextAt: now + REPAIR_EVERY_MS } : { afterSid: last.sid };
    return !ended;
  }
}
