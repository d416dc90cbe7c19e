import { setTimeout as delay } from 'node:timers/promises';
import { Attempts, type ReadyResult, type SocketEndCounter } from './attempts.ts';
import { watchedBy, type DeliveryLog } from './delivery-log.ts';
import type { LoadAnswers, LoadRequest, Opened, OpenRequest } from './load-protocol.ts';

type Answer = LoadAnswers[LoadRequest['do']];

/** Longest time for sockets to end, in milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * Serves the requests of the parent process until it disconnects.
 *
 * @param answerTo carries out one request and returns its answer
 * @param drop resets all sockets; called when the parent disconnects
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

/**
 * Connects the clients of a request and waits for all of them.
 *
 * @param connect resolves to null if the attempt failed
 */
export async function openClients(
  request: OpenRequest,
  deliveries: DeliveryLog,
  socketEnds: SocketEndCounter,
  connect: (identity: string, watched: readonly string[]) => Promise<ReadyResult | null>,
): Promise<Opened> {
  const { prefix, watched } = request;
  deliveries.add(watched);
  const attempts = new Attempts();
  await attempts.start(request, (index) => connect(`${prefix}${index}`, watchedBy(index, watched)));
  return attempts.result(socketEnds);
}

/** Waits until all sockets are gone. Otherwise each leaves its port in a wait state of the kernel. */
async function withoutSockets(): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    if (!process.getActiveResourcesInfo().includes('TCPSocketWrap')) return;
    await delay(10);
  }
}
