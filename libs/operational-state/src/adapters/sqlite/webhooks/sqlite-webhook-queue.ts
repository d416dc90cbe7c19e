import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Position } from '#event-store';
import { integer, oneOf, text, type SqlRow } from '#projections/adapters/columns';
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
  DueWork,
  Retention,
  RetrySelection,
  AttemptResult,
  ClaimTerm,
  WebhookQueue,
} from '../../../webhooks/webhook-queue.ts';
import { toDelivery, toTraceParent } from '../../delivery-codec.ts';
import { DeliveryLog } from './delivery-log.ts';
import { DeliveryMaintenance } from './delivery-maintenance.ts';
import { PROMOTE, WEBHOOKS_SCHEMA } from './schema.ts';

const METHODS = ['GET', 'POST'] as const;

/** The queue in SQLite. The `due` time of a claimed delivery is the end of the claim. */
export class SqliteWebhookQueue implements WebhookQueue {
  readonly #db: DatabaseSync;
  readonly #log: DeliveryLog;
  readonly #maintenance: DeliveryMaintenance;
  readonly #s;

  constructor(db: DatabaseSync) {
    db.exec(WEBHOOKS_SCHEMA);
    this.#db = db;
    this.#log = new DeliveryLog(db);
    this.#maintenance = new DeliveryMaintenance(db);
    this.#s = {
      nextService: db.prepare(
        `SELECT service_sid, due FROM webhook_deliveries INDEXED BY webhook_deliveries_due
         WHERE due IS NOT NULL AND service_sid > ? ORDER BY service_sid, due LIMIT 1`,
      ),
      target: db.prepare('SELECT url, method FROM webhook_targets WHERE service_sid = ?'),
      claim: db.prepare(
        `UPDATE webhook_deliveries SET claim = ?1, due = ?2 WHERE position IN
           (SELECT position FROM webhook_deliveries
            WHERE service_sid = ?3 AND due <= ?4 AND (?6 OR claim IS NULL) ORDER BY due LIMIT ?5)
         RETURNING *`,
      ),
      extend: db.prepare('UPDATE webhook_deliveries SET due = ? WHERE position = ? AND claim = ?'),
      release: db.prepare(
        'UPDATE webhook_deliveries SET due = ?, claim = NULL WHERE position = ? AND claim = ?',
      ),
      recordResult: db.prepare(
        `UPDATE webhook_deliveries SET status = ?, attempts = attempts + ?, response_code = ?, error = ?,
         due = ?, claim = NULL, updated_at = ? WHERE position = ? AND claim = ?`,
      ),
      promote: db.prepare(PROMOTE),
      trace: db.prepare('SELECT trace_parent FROM webhook_traces WHERE position = ?'),
    };
  }

  async findDue(now: number): Promise<DueWork> {
    const services: string[] = [];
    let nextAt: number | null = null;
    let row = this.#s.nextService.get('');
    while (row !== undefined) {
      const serviceSid = text(row, 'service_sid');
      const due = integer(row, 'due');
      if (due <= now) services.push(serviceSid);
      else if (nextAt === null || due < nextAt) nextAt = due;
      row = this.#s.nextService.get(serviceSid);
    }
    return { services, nextAt };
  }

  async claim(
    serviceSid: string,
    limit: number,
    { now, until, takeOver }: ClaimTerm,
  ): Promise<ClaimedDelivery[]> {
    const claim = randomUUID();
    const rows = this.#s.claim.all(claim, until, serviceSid, now, limit, Number(takeOver));
    const target = this.#target(serviceSid);
    return rows.map((row) => ({ ...toDelivery(row), claim, target, ...this.#traceOf(row) }));
  }

  async extend(
    deliveries: readonly ClaimedDelivery[],
    until: number,
  ): Promise<ReadonlySet<Position>> {
    const extended = transaction(this.#db, 'IMMEDIATE', () =>
      deliveries.filter(
        ({ position, claim }) => this.#s.extend.run(until, position, claim).changes === 1,
      ),
    );
    return new Set(extended.map(({ position }) => position));
  }

  async release(deliveries: readonly ClaimedDelivery[], now: number): Promise<void> {
    transaction(this.#db, 'IMMEDIATE', () => {
      for (const { position, claim } of deliveries) this.#s.release.run(now, position, claim);
    });
  }

  async recordResults(results: readonly AttemptResult[], now: number): Promise<number> {
    return transaction(this.#db, 'IMMEDIATE', () =>
      results.reduce((recorded, result) => recorded + this.#recordResult(result, now), 0),
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

  retry(which: RetrySelection, now: number, giveUpAt: number): Promise<number> {
    return this.#maintenance.retry(which, now, giveUpAt);
  }

  prune(retention: Retention, now: number): Promise<number> {
    return this.#maintenance.prune(retention, now);
  }

  #recordResult({ delivery: claimed, outcome }: AttemptResult, now: number): number {
    const { position, claim, userSid } = claimed;
    const { status, responseCode } = outcome;
    const error = status === 'delivered' ? null : outcome.error;
    const due = status === 'failed' ? outcome.nextAttemptAt : null;
    const attempts = Number(status !== 'dead' || outcome.attempted);
    const { changes } = this.#s.recordResult.run(
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

  #traceOf(row: SqlRow): Pick<ClaimedDelivery, 'traceParent'> {
    return toTraceParent(this.#s.trace.get(text(row, 'position')));
  }

  #target(serviceSid: string): WebhookTarget | null {
    const row: SqlRow | undefined = this.#s.target.get(serviceSid);
    if (row === undefined) return null;
    return { url: text(row, 'url'), method: oneOf(row, 'method', METHODS) };
  }
}
