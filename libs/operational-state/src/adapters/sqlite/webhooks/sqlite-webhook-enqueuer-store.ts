import type { DatabaseSync } from 'node:sqlite';
import type { Position } from '#event-store';
import { START, type Checkpoint } from '#projections/projection-store';
import { integer, text, textOrNull } from '#projections/adapters/columns';
import { seenEvent } from '#projections/adapters/seen-event';
import { addSeenEventColumns } from '#projections/adapters/sqlite/seen-event-columns';
import { transaction } from '#projections/adapters/sqlite/transaction';
import type { NewDelivery, WebhookTarget } from '../../../webhooks/webhook-delivery.ts';
import type {
  EnqueuerChanges,
  EnqueuerStatus,
  WebhookEnqueuerStore,
} from '../../../webhooks/webhook-enqueuer-store.ts';
import { WEBHOOKS_SCHEMA } from './schema.ts';

/** State of the webhook enqueuer in SQLite. `commit` is one transaction. */
export class SqliteWebhookEnqueuerStore implements WebhookEnqueuerStore {
  readonly #db: DatabaseSync;
  readonly #s;

  constructor(db: DatabaseSync) {
    db.exec(WEBHOOKS_SCHEMA);
    addSeenEventColumns(db, 'webhook_cursor');
    this.#db = db;
    this.#s = {
      cursor: db.prepare('SELECT * FROM webhook_cursor'),
      begin: db.prepare(
        `INSERT INTO webhook_cursor (id, epoch, position, generation) VALUES (1, ?, ?, 0)`,
      ),
      advance: db.prepare(
        `UPDATE webhook_cursor SET position = ?, effective_at = ?, generation = ?, moved_at = ?,
         event_position = ?, event_id = ?, down_reason = NULL WHERE position IS ? AND generation = ?`,
      ),
      down: db.prepare('UPDATE webhook_cursor SET down_reason = ?'),
      user: db.prepare('SELECT state FROM webhook_users WHERE user_sid = ?'),
      putUser: db.prepare('INSERT OR REPLACE INTO webhook_users VALUES (?, ?, ?)'),
      dropUser: db.prepare('DELETE FROM webhook_users WHERE user_sid = ?'),
      dropUsers: db.prepare('DELETE FROM webhook_users WHERE service_sid = ?'),
      putTarget: db.prepare(
        `INSERT INTO webhook_targets VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE
         SET url = ?2, method = ?3 WHERE url <> ?2 OR method <> ?3`,
      ),
      dropTarget: db.prepare('DELETE FROM webhook_targets WHERE service_sid = ?'),
      makeDue: db.prepare(
        `UPDATE webhook_deliveries SET due = ? WHERE service_sid = ? AND due IS NOT NULL AND claim IS NULL`,
      ),
      enqueue: db.prepare(
        `INSERT OR IGNORE INTO webhook_deliveries VALUES
         (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'pending', 0, NULL, NULL,
          CASE WHEN EXISTS (SELECT 1 FROM webhook_deliveries
                            WHERE user_sid = ?5 AND status IN ('pending', 'failed')) THEN NULL ELSE ?9 END,
          NULL, ?9, ?9)`,
      ),
      putTrace: db.prepare('INSERT OR IGNORE INTO webhook_traces VALUES (?, ?)'),
    };
  }

  async begin(epoch: string, position: Position | null): Promise<void> {
    transaction(this.#db, 'IMMEDIATE', () => {
      const row = this.#s.cursor.get();
      if (row?.['epoch'] === epoch) return;
      for (const table of ['cursor', 'users', 'targets', 'deliveries']) {
        this.#db.exec(`DELETE FROM webhook_${table}`);
      }
      this.#s.begin.run(epoch, position);
    });
  }

  async checkpoint(): Promise<Checkpoint> {
    const row = this.#s.cursor.get();
    if (row === undefined) return START;
    return {
      position: textOrNull(row, 'position'),
      effectiveAt: textOrNull(row, 'effective_at'),
      generation: integer(row, 'generation'),
      lastEvent: seenEvent(row),
    };
  }

  async epoch(): Promise<string | null> {
    const row = this.#s.cursor.get();
    return row === undefined ? null : text(row, 'epoch');
  }

  async users(sids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const states = new Map<string, string>();
    for (const sid of sids) {
      const row = this.#s.user.get(sid);
      if (row !== undefined) states.set(sid, text(row, 'state'));
    }
    return states;
  }

  async commit(expected: Checkpoint, next: Checkpoint, changes: EnqueuerChanges): Promise<boolean> {
    return transaction(this.#db, 'IMMEDIATE', () => {
      const moved = this.#s.advance.run(
        next.position,
        next.effectiveAt,
        next.generation,
        new Date(changes.now).toISOString(),
        next.lastEvent?.position ?? null,
        next.lastEvent?.id ?? null,
        expected.position,
        expected.generation,
      );
      if (moved.changes !== 1) return false;
      for (const serviceSid of changes.clearedServices) this.#s.dropUsers.run(serviceSid);
      this.#saveUsers(changes);
      for (const [serviceSid, target] of changes.targets) {
        this.#saveTarget(serviceSid, target, changes.now);
      }
      for (const delivery of changes.deliveries) this.#enqueue(delivery, changes.now);
      return true;
    });
  }

  async reportDown(reason: string | null): Promise<void> {
    this.#s.down.run(reason);
  }

  async status(): Promise<EnqueuerStatus | null> {
    const row = this.#s.cursor.get();
    if (row === undefined) return null;
    return {
      position: textOrNull(row, 'position'),
      movedAt: textOrNull(row, 'moved_at'),
      downReason: textOrNull(row, 'down_reason'),
    };
  }

  #saveUsers({ users }: EnqueuerChanges): void {
    for (const [sid, user] of users) {
      if (user === null) this.#s.dropUser.run(sid);
      else this.#s.putUser.run(sid, user.serviceSid, user.state);
    }
  }

  /** Makes waiting deliveries due at once if the target changed: the old target may be why they wait. */
  #saveTarget(serviceSid: string, target: WebhookTarget | null, now: number): void {
    if (target === null) {
      this.#s.dropUsers.run(serviceSid);
      this.#s.dropTarget.run(serviceSid);
      return;
    }
    const { changes } = this.#s.putTarget.run(serviceSid, target.url, target.method);
    if (changes > 0) this.#s.makeDue.run(now, serviceSid);
  }

  #enqueue(delivery: NewDelivery, now: number): void {
    const { position, sid, idempotencyToken, serviceSid, userSid, eventType, traceParent } =
      delivery;
    this.#s.enqueue.run(
      position,
      sid,
      idempotencyToken,
      serviceSid,
      userSid,
      eventType,
      JSON.stringify(delivery.parameters),
      delivery.giveUpAt,
      now,
    );
    if (traceParent !== undefined) this.#s.putTrace.run(position, traceParent);
  }
}
