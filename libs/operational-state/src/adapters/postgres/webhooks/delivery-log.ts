import { integer, integerOrNull, text } from '#projections/adapters/columns';
import type { Database } from '#postgres';
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
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(serviceSid: string, sid: string): Promise<Delivery | null> {
    const [row] = await this.#database.query(
      'SELECT * FROM reachability.webhook_deliveries WHERE sid = $1 AND service_sid = $2',
      [sid, serviceSid],
    );
    return row === undefined ? null : toDelivery(row);
  }

  async list(filter: DeliveryFilter, cursor: DeliveryCursor, size: number): Promise<DeliveryPage> {
    const forward = 'after' in cursor;
    const position = forward ? cursor.after : cursor.before;
    const conditions = [
      ['service_sid =', filter.serviceSid],
      ['user_sid =', filter.userSid],
      ['status =', filter.status],
      [forward ? 'position <' : 'position >', position ?? undefined],
    ].flatMap(([condition, value]) => (value === undefined ? [] : [[condition, value] as const]));
    const where = conditions.map(([condition], index) => `${condition} $${index + 1}`);
    const found = await this.#database.query(
      `SELECT * FROM reachability.webhook_deliveries
       ${where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`}
       ORDER BY position ${forward ? 'DESC' : 'ASC'} LIMIT $${where.length + 1}`,
      [...conditions.map(([, value]) => value), size + 1],
    );
    return pageOfRows(found, { cursor, size }, toDelivery);
  }

  async counts(): Promise<DeliveryCounts[]> {
    const rows = await this.#database.query(
      `SELECT service_sid,
         count(*) FILTER (WHERE status = 'pending') AS pending,
         count(*) FILTER (WHERE status = 'delivered') AS delivered,
         count(*) FILTER (WHERE status = 'failed') AS failed,
         count(*) FILTER (WHERE status = 'dead') AS dead,
         min(created_at) FILTER (WHERE status IN ('pending', 'failed')) AS oldest_open_at
       FROM reachability.webhook_deliveries GROUP BY service_sid ORDER BY service_sid`,
    );
    return rows.map((row) => ({
      serviceSid: text(row, 'service_sid'),
      pending: integer(row, 'pending'),
      delivered: integer(row, 'delivered'),
      failed: integer(row, 'failed'),
      dead: integer(row, 'dead'),
      oldestOpenAt: integerOrNull(row, 'oldest_open_at'),
    }));
  }
}
