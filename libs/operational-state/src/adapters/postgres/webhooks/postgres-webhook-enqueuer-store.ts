import type { Position } from '#event-store';
import { integer, text, textOrNull, type SqlRow } from '#projections/adapters/columns';
import { START, type Checkpoint } from '#projections/projection-store';
import type { Database, Queries } from '#postgres';
import type { NewDelivery } from '../../../webhooks/webhook-delivery.ts';
import type {
  EnqueuerChanges,
  EnqueuerStatus,
  WebhookEnqueuerStore,
} from '../../../webhooks/webhook-enqueuer-store.ts';
import { seenEvent } from '#projections/adapters/seen-event';
import { announceDue, lockQueue, promote } from './queue-lock.ts';

/** State of the webhook enqueuer in PostgreSQL. `commit` is one transaction. */
export class PostgresWebhookEnqueuerStore implements WebhookEnqueuerStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async begin(epoch: string, position: Position | null): Promise<void> {
    await this.#database.transaction('write', async (queries) => {
      await lockQueue(queries);
      const row = await findCursor(queries);
      if (row?.['epoch'] === epoch) return;
      for (const table of ['cursor', 'users', 'targets', 'deliveries']) {
        await queries.write(`DELETE FROM reachability.webhook_${table}`);
      }
      await queries.write(
        `INSERT INTO reachability.webhook_cursor (id, epoch, position, generation)
         VALUES (1, $1, $2, 0)`,
        [epoch, position],
      );
    });
  }

  async checkpoint(): Promise<Checkpoint> {
    const row = await findCursor(this.#database);
    if (row === undefined) return START;
    return {
      position: textOrNull(row, 'position'),
      effectiveAt: textOrNull(row, 'effective_at'),
      generation: integer(row, 'generation'),
      lastEvent: seenEvent(row),
    };
  }

  async epoch(): Promise<string | null> {
    const row = await findCursor(this.#database);
    return row === undefined ? null : text(row, 'epoch');
  }

  async users(sids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#database.query(
      'SELECT user_sid, state FROM reachability.webhook_users WHERE user_sid = ANY ($1::text[])',
      [sids],
    );
    return new Map(rows.map((row) => [text(row, 'user_sid'), text(row, 'state')]));
  }

  async commit(expected: Checkpoint, next: Checkpoint, changes: EnqueuerChanges): Promise<boolean> {
    return this.#database.transaction('write', async (queries) => {
      await lockQueue(queries);
      const moved = await queries.write(
        `UPDATE reachability.webhook_cursor SET position = $1, effective_at = $2, generation = $3,
           moved_at = $4, event_position = $5, event_id = $6, down_reason = NULL
         WHERE position IS NOT DISTINCT FROM $7 AND generation = $8`,
        [
          next.position,
          next.effectiveAt,
          next.generation,
          new Date(changes.now).toISOString(),
          next.lastEvent?.position ?? null,
          next.lastEvent?.id ?? null,
          expected.position,
          expected.generation,
        ],
      );
      if (moved !== 1) return false;
      await saveTargetsAndUsers(queries, changes);
      await enqueue(queries, changes.deliveries, changes.now);
      // A new target makes deliveries due, too.
      if (changes.deliveries.length > 0 || changes.targets.size > 0) await announceDue(queries);
      return true;
    });
  }

  async reportDown(reason: string | null): Promise<void> {
    await this.#database.write('UPDATE reachability.webhook_cursor SET down_reason = $1', [reason]);
  }

  async status(): Promise<EnqueuerStatus | null> {
    const row = await findCursor(this.#database);
    if (row === undefined) return null;
    return {
      position: textOrNull(row, 'position'),
      movedAt: textOrNull(row, 'moved_at'),
      downReason: textOrNull(row, 'down_reason'),
    };
  }
}

async function findCursor(queries: Queries): Promise<SqlRow | undefined> {
  const [row] = await queries.query('SELECT * FROM reachability.webhook_cursor');
  return row;
}

async function saveTargetsAndUsers(queries: Queries, changes: EnqueuerChanges): Promise<void> {
  await dropUsersOf(queries, [...changes.clearedServices]);
  const users = [...changes.users];
  const dropped = users.flatMap(([sid, user]) => (user === null ? [sid] : []));
  const kept = users.flatMap(([sid, user]) => (user === null ? [] : [{ sid, ...user }]));
  if (dropped.length > 0) {
    await queries.write(
      'DELETE FROM reachability.webhook_users WHERE user_sid = ANY ($1::text[])',
      [dropped],
    );
  }
  if (kept.length > 0) {
    await queries.write(
      `INSERT INTO reachability.webhook_users
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
       ON CONFLICT (user_sid) DO UPDATE
       SET service_sid = excluded.service_sid, state = excluded.state`,
      [
        kept.map(({ sid }) => sid),
        kept.map(({ serviceSid }) => serviceSid),
        kept.map(({ state }) => state),
      ],
    );
  }
  for (const [serviceSid, target] of changes.targets) {
    if (target === null) {
      await dropUsersOf(queries, [serviceSid]);
      await queries.write('DELETE FROM reachability.webhook_targets WHERE service_sid = $1', [
        serviceSid,
      ]);
      continue;
    }
    const changed = await queries.write(
      `INSERT INTO reachability.webhook_targets AS known VALUES ($1, $2, $3)
       ON CONFLICT (service_sid) DO UPDATE SET url = $2, method = $3
       WHERE known.url <> $2 OR known.method <> $3`,
      [serviceSid, target.url, target.method],
    );
    if (changed === 0) continue;
    // The old target may be why deliveries wait.
    await queries.write(
      `UPDATE reachability.webhook_deliveries SET due = $1
       WHERE service_sid = $2 AND due IS NOT NULL AND claim IS NULL`,
      [changes.now, serviceSid],
    );
  }
}

async function dropUsersOf(queries: Queries, serviceSids: readonly string[]): Promise<void> {
  if (serviceSids.length === 0) return;
  await queries.write(
    'DELETE FROM reachability.webhook_users WHERE service_sid = ANY ($1::text[])',
    [serviceSids],
  );
}

async function enqueue(
  queries: Queries,
  deliveries: readonly NewDelivery[],
  now: number,
): Promise<void> {
  if (deliveries.length === 0) return;
  await queries.write(
    `INSERT INTO reachability.webhook_deliveries
       (position, sid, idempotency_token, service_sid, user_sid, event_type, parameters,
        give_up_at, trace_parent, status, attempts, created_at, updated_at)
     SELECT added.*, 'pending', 0, $10, $10
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                 $7::text[], $8::bigint[], $9::text[]) AS added
     ON CONFLICT DO NOTHING`,
    [
      deliveries.map(({ position }) => position),
      deliveries.map(({ sid }) => sid),
      deliveries.map(({ idempotencyToken }) => idempotencyToken),
      deliveries.map(({ serviceSid }) => serviceSid),
      deliveries.map(({ userSid }) => userSid),
      deliveries.map(({ eventType }) => eventType),
      deliveries.map(({ parameters }) => JSON.stringify(parameters)),
      deliveries.map(({ giveUpAt }) => giveUpAt),
      deliveries.map(({ traceParent = null }) => traceParent),
      now,
    ],
  );
  await promote(
    queries,
    deliveries.map(({ userSid }) => userSid),
    now,
  );
}
