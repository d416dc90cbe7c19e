import type { DatabaseSync } from 'node:sqlite';
import { integer, integerOrNull, text } from '#projections/adapters/columns';
import { pageOfRows } from '#projections/adapters/page-of-rows';
import type { Delivery } from '../../../webhooks/webhook-delivery.ts';
import type {
  DeliveryCounts,
  DeliveryCursor,
  DeliveryFilter,
  DeliveryPage,
} from '../../../webhooks/webhook-queue.ts';
import { toDelivery } from '../../delivery-codec.ts';

/** Lists and counts deliveries for operators. */
export class DeliveryLog {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  async find(serviceSid: string, sid: string): Promise<Delivery | null> {
    const row = this.#db
      .prepare('SELECT * FROM webhook_deliveries WHERE sid = ? AND service_sid = ?')
      .get(sid, serviceSid);
    return row === undefined ? null : toDelivery(row);
  }

  async list(filter: DeliveryFilter, cursor: DeliveryCursor, size: number): Promise<DeliveryPage> {
    const forward = 'after' in cursor;
    const position = forward ? cursor.after : cursor.before;
    const conditions = [
      ['service_sid = ?', filter.serviceSid],
      ['user_sid = ?', filter.userSid],
      ['status = ?', filter.status],
      [forward ? 'position < ?' : 'position > ?', position ?? undefined],
    ].flatMap(([condition, value]) => (value === undefined ? [] : [[condition, value] as const]));
    const where = conditions.map(([condition]) => condition).join(' AND ');
    const found = this.#db
      .prepare(
        `SELECT * FROM webhook_deliveries ${where === '' ? '' : `WHERE ${where}`}
         ORDER BY position ${forward ? 'DESC' : 'ASC'} LIMIT ?`,
      )
      .all(...conditions.map(([, value]) => value), size + 1);
    return pageOfRows(found, { cursor, size }, toDelivery);
  }

  async counts(): Promise<DeliveryCounts[]> {
    return this.#db
      .prepare(
        `SELECT service_sid,
           count(*) FILTER (WHERE status = 'pending') AS pending,
           count(*) FILTER (WHERE status = 'delivered') AS delivered,
           count(*) FILTER (WHERE status = 'failed') AS failed,
           count(*) FILTER (WHERE status = 'dead') AS dead,
           min(created_at) FILTER (WHERE status IN ('pending', 'failed')) AS oldest_open_at
         FROM webhook_deliveries GROUP BY service_sid ORDER BY service_sid`,
      )
      .all()
      .map((row) => ({
        serviceSid: text(row, 'service_sid'),
        pending: integer(row, 'pending'),
        delivered: integer(row, 'delivered'),
        failed: integer(row, 'failed'),
        dead: integer(row, 'dead'),
        oldestOpenAt: integerOrNull(row, 'oldest_open_at'),
      }));
  }
}
