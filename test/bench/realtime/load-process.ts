import { setTimeout as delay } from 'node:timers/promises';
import type { LoadAnswers, LoadRequest } from './load-protocol.ts';

type Answer = LoadAnswers[LoadRequest['do']];

/** Longest that sockets are given to end, in milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * Makes this process one of clients.
 *
 * @param answerTo does what the parent asks for, one thing after another
 * @param drop resets all sockets, for the parent wants no more or is gone
 */
export function serveParent(
  answerTo: (request: LoadRequest) => Answer | Promise<Answer>,
  drop: () => void,
): void {
  const answer = async (request: LoadRequest): Promise<void> => {
    process.send?.(await answerTo(request));
  };
  process.on('message', (request: LoadRequest) => void answer(request));
  process.once('disconnect', () => {
    drop();
    void withoutSockets().then(() => process.exit());
  });
}

/** A process that exits before its sockets were reset leaves a port waiting in the kernel for each. */
async function withoutSockets(): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    if (!process.getActiveResourcesInfo().includes('TCPSocketWrap')) return;
    await delay(10);
  }
}
