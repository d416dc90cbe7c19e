import { DatabaseSync } from 'node:sqlite';
import {
  parentPort,
  receiveMessageOnPort,
  workerData,
  type MessagePort,
} from 'node:worker_threads';
import { AppendNotifier } from './append-notifier.ts';
import { prepareFile } from './file-format.ts';
import { GroupCommit } from './group-commit.ts';
import type { Answer, WriterOutput, WriterInput, WriterOptions, WriteRequest } from './protocol.ts';
import { reasonOf, UnsupportedFileError } from './sqlite-errors.ts';

/** Maximum number of requests in one transaction, so that the first of a burst does not wait for the last. */
const GROUP_SIZE = 500;

function serve(port: MessagePort, { path, busyTimeoutMs, wakeCounter }: WriterOptions): void {
  const post = (message: WriterOutput) => port.postMessage(message);
  let db: DatabaseSync;
  try {
    db = new DatabaseSync(path, { timeout: busyTimeoutMs });
    post({ kind: 'opened', epochs: prepareFile(db, busyTimeoutMs) });
  } catch (error) {
    post({
      kind: 'failed',
      unsupported: error instanceof UnsupportedFileError,
      reason: `Cannot open ${path}: ${reasonOf(error)}`,
    });
    return;
  }
  const commit = new GroupCommit(db, busyTimeoutMs);
  const notifier = new AppendNotifier(path);
  db.exec('PRAGMA busy_timeout = 0'); // From here on the group commit does the waiting.
  const waiting: WriteRequest[] = [];
  for (let closing = false; ;) {
    // Read before the messages: a message that arrives later changes it, and the wait below returns at once.
    const counter = Atomics.load(wakeCounter, 0);
    closing ||= takeAll(port, waiting);
    if (waiting.length > 0) {
      const answers = commit.run(waiting.splice(0, GROUP_SIZE));
      post({ kind: 'answers', answers });
      const row = lastRow(answers);
      if (row > 0) notifier.notify(row);
    } else if (closing) break;
    else Atomics.wait(wakeCounter, 0, counter);
  }
  notifier.close();
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

/** Number of the last appended row, 0 if no row was appended. */
function lastRow(answers: readonly Answer[]): number {
  return answers.reduce(
    (last, answer) => (answer[0] === 'appended' ? Math.max(last, answer[2]) : last),
    0,
  );
}

/**
 * Takes all messages that have arrived; returns true once one of them is `close`. Waiting on the counter and taking
 * messages by hand takes half the time that the thread's event loop needs to wake up, and collects into one group
 * all requests that arrived during the last commit.
 */
function takeAll(port: MessagePort, into: WriteRequest[]): boolean {
  for (;;) {
    const received = receiveMessageOnPort(port) as { message: WriterInput } | undefined;
    if (received === undefined) return false;
    if (received.message === 'close') return true;
    into.push(...received.message);
  }
}

if (parentPort !== null) serve(parentPort, workerData as WriterOptions);
