import type { DatabaseSync } from 'node:sqlite';
import { byPosition } from '#event-store';
import type { Changes } from '#projections';
import type { SqliteTables } from '#projections/adapters/sqlite/version-file';
import type { ServiceFact, TimelineState, UserFact } from '../../../timeline/timeline-state.ts';
import { headText, newestFirst, toHead } from '../../timeline-head.ts';
import { MILESTONE_EVERY } from './schema.ts';

/** Maps the states of the `timeline` projection to heads, which are replaced, and append-only facts. */
export class TimelineTables implements SqliteTables<TimelineState> {
  readonly #head;
  readonly #putHead;
  readonly #addUserFact;
  readonly #addServiceFact;

  constructor(db: DatabaseSync) {
    const add = (table: string, columns: number) =>
      db.prepare(`INSERT INTO ${table} VALUES (${Array(columns).fill('?').join(', ')})`);
    this.#head = db.prepare('SELECT state FROM heads WHERE key = ?');
    this.#putHead = db.prepare('INSERT OR REPLACE INTO heads VALUES (?, ?)');
    this.#addUserFact = add('user_facts', 22);
    this.#addServiceFact = add('service_facts', 10);
  }

  head(key: string): TimelineState | null {
    const row = this.#head.get(key);
    return row === undefined ? null : toHead(row);
  }

  load(keys: readonly string[]): Map<string, TimelineState> {
    const states = new Map<string, TimelineState>();
    for (const key of keys) {
      const state = this.head(key);
      if (state !== null) states.set(key, state);
    }
    return states;
  }

  /** Writes in order of keys and positions, because neighbouring rows are written fastest together. */
  save(changes: Changes<TimelineState>): void {
    const facts: UserFact[] = [];
    for (const [key, state] of changes) {
      if (state === null) continue;
      if (state.kind === 'user') facts.push(...newestFirst(state.unwritten));
      if (state.kind === 'service') {
        for (const fact of newestFirst(state.unwritten)) this.#saveServiceFact(fact);
      }
      this.#putHead.run(key, headText(state));
    }
    facts.sort(byPosition);
    for (const fact of facts) this.#saveUserFact(fact);
  }

  #saveUserFact({ cause, ...f }: UserFact): void {
    this.#addUserFact.run(
      f.position,
      f.userSid,
      f.at,
      Number(f.exists),
      f.createdAt,
      f.lastConnectPosition,
      f.answeredSince,
      f.onlineChangedAt,
      f.lastOnlineAt,
      f.openConnections,
      f.bindingCount,
      f.previous,
      f.valueChange,
      f.ordinal,
      Number(f.ordinal % MILESTONE_EVERY === 0),
      cause.type,
      cause.subjectSid,
      cause.deviceId,
      cause.closeCause,
      cause.lastSeenAt,
      cause.actor,
      f.serviceSid,
    );
  }

  #saveServiceFact({ cause, ...f }: ServiceFact): void {
    this.#addServiceFact.run(
      f.position,
      f.serviceSid,
      f.at,
      Number(f.reachabilityEnabled),
      f.flagPosition,
      f.flagChangedAt,
      f.graceSeconds,
      Number(f.deleted),
      cause.type,
      cause.actor,
    );
  }
}
