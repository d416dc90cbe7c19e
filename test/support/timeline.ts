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

/** The timeline of a log that is given event by event, and what it says of the History's User. */
export class Timeline {
  readonly readModel: TimelineReadModel;
  readonly #opened;
  readonly #directory = mkdtempSync(join(tmpdir(), 'timeline-'));

  constructor() {
    this.#opened = openSqliteReadModel(join(this.#directory, 'read-model.db'), 'test');
    this.readModel = this.#opened.timeline;
  }

  /** Folds what comes next in the log, in transactions of so many events. */
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

  /** The whole history, read page by page from the newest on. */
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

/** Effective times of a log's events. */
export function timesOf(events: readonly RecordedEvent[]): string[] {
  let effectiveAt: string | null = null;
  return events.map(({ metadata }) => {
    effectiveAt = effectiveTime(effectiveAt, metadata.occurredAt);
    return effectiveAt;
  });
}

/** The answer about the History's User that folding the log up to a moment gives; null where there is nobody. */
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
