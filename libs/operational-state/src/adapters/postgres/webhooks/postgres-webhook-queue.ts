import { randomUUID } from 'node:crypto';
import type { Position } from '#event-store';
import { integer, oneOf, text, type SqlRow } from '#projections/adapters/columns';
import type { Database, Queries } from '#postgres';
import type {
  ClaimedDelivery,
  Delivery,
  WebhookTarget,
} from '../../../webhooks/webhook-delivery.ts';
import type {
  AttemptResult,
  ClaimTerm,
  DeliveryCounts,
  DeliveryCursor,
  DeliveryFilter,
  DeliveryPage,
  DueWork,
  Retention,
  RetrySelection,
  WebhookQueue,
} from '../../../webhooks/webhook-queue.ts';
import { toDelivery, toTraceParent } from '../../delivery-codec.ts';
import { DeliveryLog } from './delivery-log.ts';
import { DeliveryMaintenance } from './delivery-maintenance.ts';
import { lockQueue, promote } from './queue-lock.ts';

const METHODS = ['GET', 'POST'] as const;

/** Steps from Service to Service in the index: a Service with many due deliveries costs no more than one with one. */
const EARLIEST_DUE = `
  WITH RECURSIVE earliest AS (
    (SELECT service_sid, due FROM reachability.webhook_deliveries
     WHERE due IS NOT NULL ORDER BY service_sid, due LIMIT 1)
    UNION ALL
    SELECT next.service_sid, next.due FROM earliest CROSS JOIN LATERAL
      (SELECT service_sid, due FROM reachability.webhook_deliveries
       WHERE due IS NOT NULL AND service_sid > earliest.service_sid
       ORDER BY service_sid, due LIMIT 1) AS next
  )
  SELECT service_sid, due FROM earliest
  WHERE due <= $1 OR due = (SELECT min(due) FROM earliest WHERE due > $1) ORDER BY service_sid`;

/** The queue in PostgreSQL. The `due` time of a claimed delivery is the end of the claim. */
export class PostgresWebhookQueue implements WebhookQueue {
  readonly #database: Database;
  readonly #log: DeliveryLog;
  readonly #maintenance: DeliveryMaintenance;

  constructor(database: Database) {
    this.#database = database;
    this.#log = new DeliveryLog(database);
    this.#maintenance = new DeliveryMaintenance(database);
  }

  async findDue(now: number): Promise<DueWork> {
    const rows = await this.#database.query(EARLIEST_DUE, [now]);
    const due = rows.filter((row) => integer(row, 'due') <= now);
    const [next] = rows.filter((row) => !due.includes(row));
    return {
      services: due.map((row) => text(row, 'service_sid')),
      nextAt: next === undefined ? null : integer(next, 'due'),
    };
  }

  async claim(
    serviceSid: string,
    limit: number,
    { now, until, takeOver }: ClaimTerm,
  ): Promise<ClaimedDelivery[]> {
    const claim = randomUUID();
    const rows = await this.#database.query(
      `WITH due AS MATERIALIZED (
         SELECT position FROM reachability.webhook_deliveries
         WHERE service_sid = $3 AND due <= $4 AND ($6 OR claim IS NULL)
         ORDER BY due LIMIT $5 FOR UPDATE SKIP LOCKED)
       UPDATE reachability.webhook_deliveries AS claimed SET claim = $1, due = $2
       FROM due LEFT JOIN reachability.webhook_targets AS target ON target.service_sid = $3
       WHERE claimed.position = due.position
       RETURNING claimed.*, target.url AS target_url, target.method AS target_method`,
      [claim, until, serviceSid, now, limit, takeOver],
    );
    return rows
      .map((row) => ({ ...toDelivery(row), claim, target: toTarget(row), ...toTraceParent(row) }))
      .sort((one, other) => (one.position < other.position ? -1 : 1));
  }

  async extend(
    deliveries: readonly ClaimedDelivery[],
    until: number,
  ): Promise<ReadonlySet<Position>> {
    const rows = await this.#database.query(
      `UPDATE reachability.webhook_deliveries AS held SET due = $3
       FROM unnest($1::text[], $2::text[]) AS claimed (position, claim)
       WHERE held.position = claimed.position AND held.claim = claimed.claim
       RETURNING held.position`,
      [...keysOf(deliveries), until],
    );
    return new Set(rows.map((row) => text(row, 'position')));
  }

  async release(deliveries: readonly ClaimedDelivery[], now: number): Promise<void> {
    await this.#database.write(
      `UPDATE reachability.webhook_deliveries AS held SET due = $3, claim = NULL
       FROM unnest($1::text[], $2::text[]) AS claimed (position, claim)
       WHERE held.position = claimed.position AND held.claim = claimed.claim`,
      [...keysOf(deliveries), now],
    );
  }

  async recordResults(results: readonly AttemptResult[], now: number): Promise<number> {
    return this.#database.transaction('write', async (queries) => {
      await lockQueue(queries);
      let recorded = 0;
      for (const result of results) recorded += await recordResult(queries, result, now);
      const finished = results.filter(({ outcome }) => outcome.status !== 'failed');
      const users = finished.map(({ delivery }) => delivery.userSid);
      await promote(queries, users, now);
      return recorded;
    });
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
}

function recordResult(
  queries: Queries,
  { delivery, outcome }: AttemptResult,
  now: number,
): Promise<number> {
  const { status, responseCode } = outcome;
  return queries.write(
    `UPDATE reachability.webhook_deliveries SET status = $3, attempts = attempts + $4,
       response_code = $5, error = $6, due = $7, claim = NULL, updated_at = $8
     WHERE position = $1 AND claim = $2`,
    [
      delivery.position,
      delivery.claim,
      status,
      Number(status !== 'dead' || outcome.attempted),
      responseCode,
      status === 'delivered' ? null : outcome.error,
      status === 'failed' ? outcome.nextAttemptAt : null,
      now,
    ],
  );
}

function keysOf(deliveries: readonly ClaimedDelivery[]): readonly [string[], string[]] {
  return [deliveries.map(({ position }) => position), deliveries.map(({ claim }) => claim)];
}

function toTarget(row: SqlRow): WebhookTarget | null {
  if (row['target_url'] === null) return null;
  return { url: text(row, 'target_url'), method: oneOf(row, 'target_method', METHODS) };
}
