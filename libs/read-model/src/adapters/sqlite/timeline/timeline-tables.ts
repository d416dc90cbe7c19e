import type { DatabaseSync } from 'node:sqlite';
import { isUserStream, userSidOf } from '#domain';
import { toPositionNumber } from '#event-store';
import type { Changes } from '#projections';
import type { SqliteTables } from '#projections/adapters/sqlite/version-file';
import type { ServiceFact, TimelineState } from '../../../timeline/timeline-state.ts';
import { headText, newestFirst, toHead } from '../../timeline-head.ts';
import { LogPositions } from './log-positions.ts';
import { ServiceNumbers } from './service-numbers.ts';
import { toUserFactRow, USER_FACT_COLUMNS, type UserFactRow } from './user-fact-rows.ts';
import { UserHeads } from './user-heads.ts';

/** Maps the states of the `timeline` projection to heads, which are replaced, and append-only facts. */
export class TimelineTables implements SqliteTables<TimelineState> {
  readonly #users: UserHeads;
  readonly #services: ServiceNumbers;
  readonly #head;
  readonly #putHead;
  readonly #addUserFact;
  readonly #addServiceFact;

  constructor(db: DatabaseSync) {
    const add = (table: string, columns: number) =>
      db.prepare(`INSERT INTO ${table} VALUES (${Array(columns).fill('?').join(', ')})`);
    this.#users = new UserHeads(db, new LogPositions(db));
    this.#services = new ServiceNumbers(db);
    this.#head = db.prepare('SELECT state FROM heads WHERE key = ?');
    this.#putHead = db.prepare('INSERT OR REPLACE INTO heads VALUES (?, ?)');
    this.#addUserFact = add('user_facts', USER_FACT_COLUMNS);
    this.#addServiceFact = add('service_facts', 10);
  }

  load(keys: readonly string[]): Map<string, TimelineState> {
    const states = new Map<string, TimelineState>();
    for (const key of keys) {
      const state = this.#load(key);
      if (state !== null) states.set(key, state);
    }
    return states;
  }

  /** Writes facts in order of positions, because neighbouring rows are written fastest together. */
  save(changes: Changes<TimelineState>): void {
    const rows: UserFactRow[] = [];
    for (const [key, state] of changes) {
      if (state?.kind === 'user') continue;
      if (state?.kind === 'service') {
        for (const fact of newestFirst(state.unwritten)) this.#saveServiceFact(fact);
      }
      if (state !== null) this.#putHead.run(key, headText(state));
    }
    for (const [key, state] of changes) {
      if (state?.kind !== 'user') continue;
      this.#users.save(userSidOf(key), state);
      const user = toPositionNumber(state.first);
      const service = this.#services.of(state.serviceSid);
      for (const fact of newestFirst(state.unwritten)) {
        rows.push(toUserFactRow(fact, user, service));
      }
    }
    rows.sort(([a], [b]) => a - b);
    for (const row of rows) this.#addUserFact.run(...row);
  }

  #load(key: string): TimelineState | null {
    if (isUserStream(key)) return this.#users.find(userSidOf(key));
    const row = this.#head.get(key);
    return row === undefined ? null : toHead(row);
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
