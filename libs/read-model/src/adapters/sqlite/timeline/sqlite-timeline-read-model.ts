import type { Position } from '#event-store';
import type { Checkpoint } from '#projections';
import type { SqliteVersions } from '#projections/adapters/sqlite/sqlite-versions';
import type { VersionFile } from '#projections/adapters/sqlite/version-file';
import type { ChangesPage } from '../../../timeline/reachability-changes.ts';
import type {
  HistoryInterval,
  PastUser,
  TimelineReadModel,
} from '../../../timeline/timeline-read-model.ts';
import type { TimelineState } from '../../../timeline/timeline-state.ts';
import type { Page, PageRequest } from '../../../users/users-read-model.ts';
import { readAsOf } from './as-of.ts';
import { readChanges } from './changes.ts';
import { Facts } from './facts.ts';
import { readHistory } from './history.ts';

/** Reads of the `timeline` projection in SQLite, each from the current live version. */
export class SqliteTimelineReadModel implements TimelineReadModel {
  readonly #versions: SqliteVersions<TimelineState>;
  readonly #facts = new WeakMap<VersionFile<TimelineState>, Facts>();

  constructor(versions: SqliteVersions<TimelineState>) {
    this.#versions = versions;
  }

  checkpoint(): Promise<Checkpoint> {
    return this.#read((_, file) => file.checkpoint());
  }

  asOf(serviceSid: string, userSid: string, at: string): Promise<PastUser | null> {
    return this.#read((facts) => {
      const head = facts.user(serviceSid, userSid);
      return head === null ? null : readAsOf(facts, head, at);
    });
  }

  history(
    serviceSid: string,
    userSid: string,
    page: PageRequest,
  ): Promise<Page<HistoryInterval> | null> {
    return this.#read((facts) => {
      const head = facts.user(serviceSid, userSid);
      return head === null ? null : readHistory(facts, head, page);
    });
  }

  changes(serviceSid: string, after: Position | null, limit: number): Promise<ChangesPage> {
    return this.#read((facts, file) =>
      readChanges(facts, file.checkpoint(), serviceSid, after, limit),
    );
  }

  /** Reads a snapshot of the current live version. */
  async #read<T>(body: (facts: Facts, file: VersionFile<TimelineState>) => T): Promise<T> {
    const file = this.#versions.liveFile();
    let facts = this.#facts.get(file);
    if (facts === undefined) {
      facts = new Facts(file.db);
      this.#facts.set(file, facts);
    }
    const found = facts;
    return file.read(() => body(found, file));
  }
}
