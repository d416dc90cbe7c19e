import { DatabaseSync } from 'node:sqlite';
import {
  parentPort,
  receiveMessageOnPort,
  workerData,
  type MessagePort,
} from 'node:worker_threads';
import { AppendBell } from './append-bell.ts';
import { prepareFile } from './file-format.ts';
import { GroupCommit } from './group-commit.ts';
import type { Answer, FromWriter, ToWriter, WriterOptions, WriteRequest } from './protocol.ts';
import { reasonOf } from './sqlite-errors.ts';
import { UnsupportedFileError } from './unsupported-file-error.ts';

/** Most requests in one transaction, so that the first of a flood is not kept waiting for the last. */
const GROUP_SIZE = 500;

function serve(port: MessagePort, { path, busyTimeoutMs, doorbell }: WriterOptions): void {
  const tell = (message: FromWriter) => port.postMessage(message);
  let db: DatabaseSync;
  try {
    db = new DatabaseSync(path, { timeout: busyTimeoutMs });
    tell({ kind: 'opened', epoch: prepareFile(db, busyTimeoutMs) });
  } catch (error) {
    tell({
      kind: 'failed',
      unsupported: error instanceof UnsupportedFileError,
      reason: `Cannot open ${path}: ${reasonOf(error)}`,
    });
    return;
  }
  const commit = new GroupCommit(db, busyTimeoutMs);
  const bell = new AppendBell(path);
  db.exec('PRAGMA busy_timeout = 0'); // From here on the group commit waits, in its own way.
  const waiting: WriteRequest[] = [];
  for (let closing = false; ;) {
    // Read before the messages are: one that comes after that changes it, and the wait below returns at once.
    const rung = Atomics.load(doorbell, 0);
    closing ||= takeAll(port, waiting);
    if (waiting.length > 0) {
      const answers = commit.run(waiting.splice(0, GROUP_SIZE));
      tell({ kind: 'answers', answers });
      const row = lastRow(answers);
      if (row > 0) bell.ring(row);
    } else if (closing) break;
    else Atomics.wait(doorbell, 0, rung);
  }
  bell.close();
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

/** Number of the last row that was appended, 0 where none was. */
function lastRow(answers: readonly Answer[]): number {
  return answers.reduce(
    (last, answer) => (answer[0] === 'appended' ? Math.max(last, answer[2]) : last),
    0,
  );
}

/**
 * Sleeping on the doorbell and taking messages by hand takes half as long as the thread's own event loop needs
 * to wake up, and gathers into one group all that came while the last was being committed.
 */
function takeAll(port: MessagePort, into: WriteRequest[]): boolean {
  for (;;) {
    const received = receiveMessageOnPort(port) as { message: ToWriter } | undefined;
    if (received === undefined) return false;
    if (received.message === 'close') return true;
    into.push(...received.message);
  }
}

if (parentPort !== null) serve(parentPort, workerData as WriterOptions);
