import type { DatabaseSync } from 'node:sqlite';
import { integer, text } from '#projections/adapters/columns';
import { transaction } from '#projections/adapters/sqlite/transaction';
import type { Retention, RetrySelection } from '../../../webhooks/webhook-queue.ts';
import { PROMOTE } from './schema.ts';

/** Small, because other writers wait for the file meanwhile. */
const PRUNE_BATCH_SIZE = 1_000;

/** Retries deliveries for operators and prunes finished ones. */
export class DeliveryMaintenance {
  readonly #db: DatabaseSync;
  readonly #s;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#s = {
      promote: db.prepare(PROMOTE),
      prune: db.prepare(
        `DELETE FROM webhook_deliveries WHERE position IN
           (SELECT position FROM webhook_deliveries WHERE status = ? AND updated_at < ? LIMIT ?)`,
      ),
      oldestKept: db.prepare(
        `SELECT updated_at FROM webhook_deliveries WHERE status = ? ORDER BY updated_at DESC LIMIT 1 OFFSET ?`,
      ),
    };
  }

  async retry(which: RetrySelection, now: number, giveUpAt: number): Promise<number> {
    const [column, value] = 'sid' in which ? ['sid', which.sid] : ['service_sid', which.serviceSid];
    return transaction(this.#db, 'IMMEDIATE', () => {
      const users = this.#db
        .prepare(
          `UPDATE webhook_deliveries SET status = 'failed', due = NULL, give_up_at = ?
           WHERE status = 'dead' AND ${column} = ? RETURNING user_sid`,
        )
        .all(giveUpAt, value)
        .map((row) => text(row, 'user_sid'));
      this.#db
        .prepare(
          `UPDATE webhook_deliveries SET due = ?
           WHERE ${column} = ? AND due IS NOT NULL AND claim IS NULL`,
        )
        .run(now, value);
      for (const userSid of new Set(users)) this.#makeEarliestDue(userSid, now);
      return users.length;
    });
  }

  async prune({ deliveredMs, deadMs, maxPerStatus }: Retention, now: number): Promise<number> {
    const limits = [
      ['delivered', deliveredMs],
      ['dead', deadMs],
    ] as const;
    let pruned = 0;
    for (const [status, keptMs] of limits) {
      const row = this.#s.oldestKept.get(status, maxPerStatus - 1);
      const oldest = row === undefined ? 0 : integer(row, 'updated_at');
      const { changes } = this.#s.prune.run(
        status,
        Math.max(oldest, now - keptMs),
        PRUNE_BATCH_SIZE,
      );
      pruned += Number(changes);
    }
    return pruned;
  }

  /** Puts a reopened delivery before the User's other open ones, except one that is being attempted. */
  #makeEarliestDue(userSid: string, now: number): void {
    this.#db
      .prepare(
        `UPDATE webhook_deliveries SET due = NULL WHERE user_sid = ? AND due IS NOT NULL AND claim IS NULL`,
      )
      .run(userSid);
    this.#s.promote.run(now, userSid);
  }
}
