import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceStream, userSid, userStream } from '#domain';
import type { RecordedEvent } from '#event-store';
import { effectiveTime, foldBatch, START } from '#projections';
import {
  answerFor,
  summarize,
  timelineProjection,
  usersProjection,
  type HistoryInterval,
  type PastUser,
  type ReachabilityAnswer,
  type TimelineReadModel,
} from '#read-model';
import { openSqliteReadModel } from '#read-model/adapters/sqlite/index';
import { SERVICE } from './history.ts';

const ALICE = userSid(SERVICE, 'alice');

/** The timeline projection of a given log, and its answers about the User of a `History`. */
export class Timeline {
  readonly readModel: TimelineReadModel;
  readonly #opened;
  readonly #directory = mkdtempSync(join(tmpdir(), 'timeline-'));

  constructor() {
    this.#opened = openSqliteReadModel(join(this.#directory, 'read-model.db'), 'test');
    this.readModel = this.#opened.timeline;
  }

  /** Folds the next events of the log, `batchSize` in each transaction. */
  async add(events: readonly RecordedEvent[], batchSize = events.length): Promise<this> {
    const rows = this.#opened.timelineVersions.live();
    for (let from = 0; from < events.length; from += batchSize) {
      const before = await rows.checkpoint();
      const batch = events.slice(from, from + batchSize);
      const load = (keys: readonly string[]) => rows.load(keys);
      const folded = await foldBatch(timelineProjection, load, batch, before);
      await rows.commit(before, folded.checkpoint, folded.changes);
    }
    return this;
  }

  asOf(at: string): Promise<PastUser | null> {
    return this.readModel.asOf(SERVICE, ALICE, at);
  }

  async answerAsOf(at: string): Promise<ReachabilityAnswer | null> {
    const past = await this.asOf(at);
    return past === null ? null : answerFor(past.user, past.service);
  }

  /** The whole history, read page by page, newest first. */
  async history(size = 100): Promise<HistoryInterval[]> {
    const found: HistoryInterval[] = [];
    for (let after: string | null = null; ; after = found.at(-1)?.position ?? null) {
      const page = await this.readModel.history(SERVICE, ALICE, { cursor: { after }, size });
      if (page === null) return found;
      found.push(...page.rows);
      if (!page.hasNext) return found;
    }
  }

  close(): void {
    this.#opened.close();
    rmSync(this.#directory, { recursive: true });
  }
}

/** Effective times of events. */
export function timesOf(events: readonly RecordedEvent[]): string[] {
  let effectiveAt: string | null = null;
  return events.map(({ metadata }) => {
    effectiveAt = effectiveTime(effectiveAt, metadata);
    return effectiveAt;
  });
}

/** The answer about the User of a `History` after folding the log up to `at`; null if there is no User. */
export async function foldedAnswer(
  events: readonly RecordedEvent[],
  at: string,
): Promise<ReachabilityAnswer | null> {
  const times = timesOf(events);
  const prefix = events.filter((_, index) => (times[index] ?? '') <= at);
  const nothing = () => Promise.resolve(new Map<string, never>());
  const { changes } = await foldBatch(usersProjection, nothing, prefix, START);
  const service = changes.get(serviceStream(SERVICE));
  const user = changes.get(userStream(ALICE));
  if (service?.kind !== 'service' || service.deleted || user?.kind !== 'user') return null;
  return answerFor(summarize(user), service);
}
