import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { retryWhileBusy } from './busy-wait.ts';
import type {
  Answer,
  AppendRequest,
  AppendTuple,
  SnapshotRequest,
  WriteRequest,
} from './protocol.ts';
import { isRefusedWrite, reasonOf } from './sqlite-errors.ts';
import type { WriteFault } from './write-fault.ts';

/**
 * Executes many requests in one transaction, so that all of them share one commit and one wait for the disk. A
 * rejected append does not affect the other requests: its expected revision is checked before it writes, and a
 * request of several appends rolls back those before it.
 */
export class GroupCommit {
  readonly #db: DatabaseSync;
  readonly #fault: WriteFault;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #lastOf: StatementSync;
  readonly #after: StatementSync;
  readonly #insert: StatementSync;
  readonly #saveSnapshot: StatementSync;

  constructor(db: DatabaseSync, fault: WriteFault) {
    this.#db = db;
    this.#fault = fault;
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#lastOf = db.prepare('SELECT max(revision) AS revision FROM events WHERE stream = ?');
    this.#after = db.prepare(
      `SELECT id, revision, position FROM events
       WHERE stream = ? AND revision > ? ORDER BY revision LIMIT ?`,
    );
    this.#insert = db.prepare(
      `INSERT INTO events (stream, revision, id, type, schema_version, data, metadata)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#saveSnapshot = db.prepare(
      `INSERT OR REPLACE INTO snapshots (stream, version, revision, position, state)
       VALUES (?, ?, ?, ?, ?)`,
    );
  }

  /** Returns one answer for each request, in order. Answered appends are durable. */
  run(requests: readonly WriteRequest[]): Answer[] {
    this.#fault.probe();
    const { reason, refusesWrites, lockWaitMs } = this.#fault;
    if (reason !== null && refusesWrites) return requests.map(() => ['unwritable', reason]);
    try {
      retryWhileBusy(lockWaitMs, () => this.#begin.run());
    } catch (error) {
      const answer = this.#notWritten(error);
      return requests.map(() => answer);
    }
    let answers: Answer[];
    try {
      answers = requests.map((request) => this.#carryOut(request));
    } catch (error) {
      this.#rollBack();
      if (requests.length === 1) return [this.#notWritten(error, 0)];
      return requests.flatMap((request) => this.run([request]));
    }
    try {
      this.#commit.run();
    } catch (error) {
      this.#rollBack();
      const refused = this.#notWritten(error);
      return requests.map(() => (isRefusedWrite(error) ? refused : ['unknown', reasonOf(error)]));
    }
    this.#fault.clear();
    return answers;
  }

  #notWritten(error: unknown, probeInMs?: number): Answer {
    return [this.#fault.note(error, probeInMs) ? 'unwritable' : 'refused', reasonOf(error)];
  }

  #carryOut(request: WriteRequest): Answer {
    return request[0] === 'append' ? this.#appendAll(request) : this.#snapshot(request);
  }

  #appendAll([, ...appends]: AppendRequest): Answer {
    const [only] = appends;
    if (only !== undefined && appends.length === 1) return this.#append(only, 0);
    this.#db.exec('SAVEPOINT request');
    let answer: Answer = ['refused', 'There is nothing to append'];
    for (const [index, append] of appends.entries()) {
      answer = this.#append(append, index);
      if (answer[0] !== 'appended') {
        this.#db.exec('ROLLBACK TO request');
        break;
      }
    }
    this.#db.exec('RELEASE request');
    return answer;
  }

  #append(append: AppendTuple, index: number): Answer {
    const [stream, expected, events] = append;
    const last = this.#lastOf.get(stream)?.['revision'] ?? -1;
    if (last !== expected) return this.#repeated(append) ?? ['conflict', Number(last), index];
    let revision = expected;
    let row = 0;
    for (const [id, type, schemaVersion, data, metadata] of events) {
      revision += 1;
      // Inside the write lock, a new row's key is the highest plus one: positions are in commit order, without gaps.
      row = Number(
        this.#insert.run(stream, revision, id, type, schemaVersion, data, metadata).lastInsertRowid,
      );
    }
    return ['appended', revision, row];
  }

  /** The answer to the first attempt, if exactly these events already follow the expected revision; else null. */
  #repeated([stream, expected, events]: AppendTuple): Answer | null {
    const present = this.#after.all(stream, expected, events.length);
    const last = present.at(-1);
    if (last === undefined || present.length !== events.length) return null;
    if (!present.every(({ id, revision }, index) => sameEvent(id, revision, index))) return null;
    return ['appended', Number(last['revision']), Number(last['position'])];

    function sameEvent(id: unknown, revision: unknown, index: number): boolean {
      return id === events[index]?.[0] && revision === expected + 1 + index;
    }
  }

  #snapshot([, ...columns]: SnapshotRequest): Answer {
    this.#saveSnapshot.run(...columns);
    return ['saved'];
  }

  #rollBack(): void {
    if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
  }
}
