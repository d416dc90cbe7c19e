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
import { LOOK_EVERY_MS, QuietCheckpoint } from './quiet-checkpoint.ts';
import { reasonOf, UnsupportedFileError } from './sqlite-errors.ts';
import { WAL_SIZE_LIMIT } from './wal-size.ts';
import { WriteFault } from './write-fault.ts';

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
  const fault = new WriteFault(db, busyTimeoutMs);
  const commit = new GroupCommit(db, fault);
  const notifier = new AppendNotifier(path);
  db.exec('PRAGMA busy_timeout = 0'); // From here on the group commit does the waiting.
  const waiting: WriteRequest[] = [];
  // A commit that makes the file of the write-ahead log longer waits longer for the disk than one that writes over it.
  const checkpoint = new QuietCheckpoint(db, WAL_SIZE_LIMIT);
  let mayShrink = true;
  let reported: string | null = null;
  const reportFault = (): void => {
    if (fault.reason === reported) return;
    reported = fault.reason;
    post({ kind: 'fault', reason: reported });
  };
  for (let closing = false; ;) {
    // Read before the messages: a message that arrives later changes it, and the wait below returns at once.
    const counter = Atomics.load(wakeCounter, 0);
    closing ||= takeAll(port, waiting);
    if (waiting.length > 0) {
      const answers = commit.run(waiting.splice(0, GROUP_SIZE));
      reportFault();
      post({ kind: 'answers', answers });
      mayShrink = true;
      const row = lastRow(answers);
      if (row > 0) notifier.notify(row);
    } else if (closing) break;
    else {
      const lookInMs = mayShrink ? LOOK_EVERY_MS : Infinity;
      const woken = Atomics.wait(
        wakeCounter,
        0,
        counter,
        Math.min(fault.probeInMs ?? lookInMs, lookInMs),
      );
      if (woken === 'timed-out' && mayShrink) mayShrink = checkpoint.look();
      fault.probe();
      reportFault();
    }
  }
  notifier.close();
  checkpoint.run();
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
