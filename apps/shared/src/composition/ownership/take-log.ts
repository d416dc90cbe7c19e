import { randomUUID } from 'node:crypto';
import {
  isSameOwner,
  type ExpectedRevision,
  type LogOwner,
  type LogOwnerStore,
  type OwnerRecord,
} from '#event-store';
import { LogInUseError } from './log-in-use-error.ts';
import {
  JUDGE_MS,
  PAUSE_THRESHOLD_MS,
  REPORT_WAIT_MS,
  WATCH_INTERVAL_MS,
} from './ownership-times.ts';
import type { Timing } from './timing.ts';

/**
 * Records `self` as the owner of a log, unless another owner is alive. A log that has no owner, or whose owner has left,
 * is taken at once. Any other owner is asked for a sign of life. It is dead if its record does not change for 10 s of this
 * process's own monotonic clock. Every record replaces the one that its writer has read: of several that take the log at
 * the same time one succeeds, and an owner that answers at the last moment keeps it.
 *
 * @param report called with one line when the wait takes long
 * @throws LogInUseError if another owner is alive
 * @throws EventStoreError
 */
export async function takeLog(
  store: LogOwnerStore,
  self: LogOwner,
  timing: Timing,
  report: (line: string) => void,
): Promise<void> {
  const claim = (at: ExpectedRevision): Promise<number | null> =>
    store.replace({ owner: self, status: 'held', question: null }, at);
  for (;;) {
    const { record, revision } = await store.load();
    if (record === null || isFreeFor(record, self)) {
      const isHeld = record?.status === 'held' && record.question === null;
      if (isHeld || (await claim(revision)) !== null) return;
      continue;
    }
    const asked = record.question === null ? await ask(store, record, revision) : revision;
    if (asked === null) continue;
    if (await staysAt(asked, store, timing, () => report(waiting(record.owner)))) {
      if ((await claim(asked)) !== null) return;
    } else await assertNotAnswered(store, record, self);
  }
}

/** Whether `self` may own the log at once. An owner that was forgotten waits, so that others come first. */
function isFreeFor({ owner, status }: OwnerRecord, self: LogOwner): boolean {
  switch (status) {
    case 'left':
      return true;
    case 'held':
      return isSameOwner(owner, self);
    case 'forgotten':
      return !isSameOwner(owner, self);
  }
}

function ask(
  store: LogOwnerStore,
  record: OwnerRecord,
  revision: ExpectedRevision,
): Promise<number | null> {
  return store.replace({ ...record, question: randomUUID() }, revision);
}

/** Returns whether the record stays at a revision for JUDGE_MS of time in which this process could read it. */
async function staysAt(
  revision: ExpectedRevision,
  store: LogOwnerStore,
  { monotonic, delay }: Timing,
  reportWait: () => void,
): Promise<boolean> {
  let since = monotonic();
  let lookedAt = since;
  let report: (() => void) | null = reportWait;
  for (;;) {
    await delay(WATCH_INTERVAL_MS);
    const found = await store.load();
    if (found.revision !== revision) return false;
    const now = monotonic();
    if (now - lookedAt > PAUSE_THRESHOLD_MS) since = now;
    lookedAt = now;
    if (now - since >= JUDGE_MS) return true;
    if (now - since < REPORT_WAIT_MS) continue;
    report?.();
    report = null;
  }
}

/** @throws LogInUseError if the owner of a record that has changed still has the log: one of its processes is alive */
async function assertNotAnswered(
  store: LogOwnerStore,
  before: OwnerRecord,
  self: LogOwner,
): Promise<void> {
  const { record } = await store.load();
  if (before.status !== 'held' || record?.status !== 'held') return;
  if (isSameOwner(record.owner, before.owner)) throw new LogInUseError(record.owner, self);
}

function waiting({ description }: LogOwner): string {
  const seconds = JUDGE_MS / 1_000;
  return `The event store was in use with ${description}. It is taken over after ${seconds} s without a sign of life`;
}
