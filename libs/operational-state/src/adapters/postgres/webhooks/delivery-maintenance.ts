import { text } from '#projections/adapters/columns';
import type { Database } from '#postgres';
import type { Retention, RetrySelection } from '../../../webhooks/webhook-queue.ts';
import { announceDue, lockQueue, promote } from './queue-lock.ts';

/** Small, so that no statement takes long. */
const PRUNE_BATCH_SIZE = 1_000;

/** Retries deliveries for operators and prunes finished ones. */
export class DeliveryMaintenance {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async retry(which: RetrySelection, now: number, giveUpAt: number): Promise<number> {
    const [column, value] = 'sid' in which ? ['sid', which.sid] : ['service_sid', which.serviceSid];
    return this.#database.transaction('write', async (queries) => {
      await lockQueue(queries);
      const reopened = await queries.query(
        `UPDATE reachability.webhook_deliveries SET status = 'failed', due = NULL, give_up_at = $1
         WHERE status = 'dead' AND ${column} = $2 RETURNING user_sid`,
        [giveUpAt, value],
      );
      await queries.write(
        `UPDATE reachability.webhook_deliveries SET due = $1
         WHERE ${column} = $2 AND due IS NOT NULL AND claim IS NULL`,
        [now, value],
      );
      const users = reopened.map((row) => text(row, 'user_sid'));
      // A reopened delivery comes before the User's other open ones, except one that is being attempted.
      await queries.write(
        `UPDATE reachability.webhook_deliveries SET due = NULL
         WHERE user_sid = ANY ($1::text[]) AND due IS NOT NULL AND claim IS NULL`,
        [users],
      );
      await promote(queries, users, now);
      await announceDue(queries);
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
      pruned += await this.#database.write(
        `DELETE FROM reachability.webhook_deliveries WHERE position IN
           (SELECT position FROM reachability.webhook_deliveries
            WHERE status = $1 AND updated_at < greatest($2::bigint, coalesce(
              (SELECT updated_at FROM reachability.webhook_deliveries WHERE status = $1
               ORDER BY updated_at DESC LIMIT 1 OFFSET $3), 0))
            LIMIT $4 FOR UPDATE SKIP LOCKED)`,
        [status, now - keptMs, maxPerStatus - 1, PRUNE_BATCH_SIZE],
      );
    }
    return pruned;
  }
}
