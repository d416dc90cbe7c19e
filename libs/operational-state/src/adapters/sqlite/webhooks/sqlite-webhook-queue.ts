import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { integer, oneOf, text, type SqlRow } from '#projections/adapters/sqlite/columns';
import { transaction } from '#projections/adapters/sqlite/transaction';
import type {
  ClaimedDelivery,
  Delivery,
  WebhookTarget,
} from '../../../webhooks/webhook-delivery.ts';
import type {
  DeliveryCounts,
  DeliveryCursor,
  DeliveryFilter,
  DeliveryPage,
  Retention,
  Settlement,
  WebhookQueue,
} from '../../../webhooks/webhook-queue.ts';
import { toDelivery } from './delivery-codec.ts';
import { DeliveryLog } from './delivery-log.ts';
import { WEBHOOKS_SCHEMA } from './schema.ts';

const METHODS = ['GET', 'POST'] as const;
/** Settled deliveries deleted at a time: others wait for the file meanwhile. */
const PRUNED_AT_ONCE = 1_000;

/** The queue in SQLite. The `due` time of a claimed delivery is when its lease ends, and it may be claimed anew. */
export class SqliteWebhookQueue implements WebhookQueue {
  readonly #db: DatabaseSync;
  readonly #log: DeliveryLog;
  readonly #s;

  constructor(db: DatabaseSync) {
    db.exec(WEBHOOKS_SCHEMA);
    this.#db = db;
    this.#log = new DeliveryLog(db);
    this.#s = {
      nextService: db.prepare(
        `SELECT service_sid, due FROM webhook_deliveries INDEXED BY webhook_deliveries_due
         WHERE due IS NOT NULL AND service_sid > ? ORDER BY service_sid, due LIMIT 1`,
      ),
      target: db.prepare('SELECT url, method FROM webhook_targets WHERE service_sid = ?'),
      claim: db.prepare(
        `UPDATE webhook_deliveries SET claim = ?1, due = ?2 WHERE position IN
           (SELECT position FROM webhook_deliveries WHERE service_sid = ?3 AND due <= ?4 ORDER BY due LIMIT ?5)
         RETURNING *`,
      ),
      settle: db.prepare(
        `UPDATE webhook_deliveries SET status = ?, attempts = attempts + ?, response_code = ?, error = ?,
         due = ?, claim = NULL, updated_at = ? WHERE position = ? AND claim = ?`,
      ),
      promote: db.prepare(
        `UPDATE webhook_deliveries SET due = ?1 WHERE due IS NULL AND position =
           (SELECT min(position) FROM webhook_deliveries
            WHERE user_sid = ?2 AND status IN ('pending', 'failed'))`,
      ),
      prune: db.prepare(
        `DELETE FROM webhook_deliveries WHERE position IN
           (SELECT position FROM webhook_deliveries WHERE status = ? AND updated_at < ? LIMIT ?)`,
      ),
      oldestKept: db.prepare(
        `SELECT updated_at FROM webhook_deliveries WHERE status = ? ORDER BY updated_at DESC LIMIT 1 OFFSET ?`,
      ),
    };
  }

  async dueServices(now: number): Promise<string[]> {
    const services: string[] = [];
    let row = this.#s.nextService.get('');
    while (row !== undefined) {
      const serviceSid = text(row, 'service_sid');
      if (integer(row, 'due') <= now) services.push(serviceSid);
      row = this.#s.nextService.get(serviceSid);
    }
    return services;
  }

  async claim(
    serviceSid: string,
    limit: number,
    now: number,
    leaseUntil: number,
  ): Promise<ClaimedDelivery[]> {
    const claim = randomUUID();
    const rows = this.#s.claim.all(claim, leaseUntil, serviceSid, now, limit);
    const target = this.#target(serviceSid);
    return rows.map((row) => ({ ...toDelivery(row), claim, target }));
  }

  async settle(settlements: readonly Settlement[], now: number): Promise<number> {
    return transaction(this.#db, 'IMMEDIATE', () =>
      settlements.reduce((noted, settlement) => noted + this.#settle(settlement, now), 0),
    );
  }

  find(serviceSid: string, sid: string): Promise<Delivery | null> {
    return this.#log.find(serviceSid, sid);
  }

  list(filter: DeliveryFilter, cursor: DeliveryCursor, size: number): Promise<DeliveryPage> {
    return this.#log.list(filter, cursor, size);
  }

  counts(): Promise<DeliveryCounts[]> {
    return this.#log.counts();
  }

  async retry(
    which: { readonly sid: string } | { readonly serviceSid: string },
    now: number,
    giveUpAt: number,
  ): Promise<number> {
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
      for (const userSid of new Set(users)) this.#leadWithEarliest(userSid, now);
      return users.length;
    });
  }

  async prune({ deliveredMs, deadMs, most }: Retention, now: number): Promise<number> {
    const kinds = [
      ['delivered', deliveredMs],
      ['dead', deadMs],
    ] as const;
    let pruned = 0;
    for (const [status, keptMs] of kinds) {
      const row = this.#s.oldestKept.get(status, most - 1);
      const oldest = row === undefined ? 0 : integer(row, 'updated_at');
      const { changes } = this.#s.prune.run(status, Math.max(oldest, now - keptMs), PRUNED_AT_ONCE);
      pruned += Number(changes);
    }
    return pruned;
  }

  #settle({ claimed, outcome }: Settlement, now: number): number {
    const { position, claim, userSid } = claimed;
    const { status, responseCode } = outcome;
    const error = status === 'delivered' ? null : outcome.error;
    const due = status === 'failed' ? outcome.nextAttemptAt : null;
    const attempts = Number(status !== 'dead' || outcome.attempted);
    const { changes } = this.#s.settle.run(
      status,
      attempts,
      responseCode,
      error,
      due,
      now,
      position,
      claim,
    );
    if (changes === 1 && status !== 'failed') this.#s.promote.run(now, userSid);
    return Number(changes);
  }

  /** What has come back from the dead goes before what is open already, unless that is under way. */
  #leadWithEarliest(userSid: string, now: number): void {
    this.#db
      .prepare(
        `UPDATE webhook_deliveries SET due = NULL WHERE user_sid = ? AND due IS NOT NULL AND claim IS NULL`,
      )
      .run(userSid);
    this.#s.promote.run(now, userSid);
  }

  #target(serviceSid: string): WebhookTarget | null {
    const row: SqlRow | undefined = this.#s.target.get(serviceSid);
    if (row === undefined) return null;
    return { url: text(row, 'url'), method: oneOf(row, 'method', METHODS) };
  }
}
