/**
 * Measures how long requests and messages at the limits keep the event loop from serving others: the processor time of
 * its longest turn, the least of three tries. Prints the longest of each route. Run: `npm run bench -- event-loop`
 */
import fc from 'fast-check';
import { EventLoopProbe } from '../support/event-loop-probe.ts';
import { largeStreamFrames, largeTwilsockFrames } from '../support/large-frames.ts';
import { largeRequests } from '../support/large-requests.ts';
import { sendToStream, sendToTwilsock } from '../support/large-senders.ts';
import { startProgram } from '../support/program.ts';
import { createService } from '../support/services.ts';
import { ms, printFigure } from './realtime/figures.ts';
import { printMachine } from './report.ts';

const REQUESTS = 800;
const FRAMES = 100;
const TRIES = 3;
const TARGET_MS = 50;
/** Users of the Service, with Attributes as long as they may be. */
const USERS = 1_000;
const ATTRIBUTES = JSON.stringify('a'.repeat(16_000));
const AT_ONCE = 50;

interface Turn {
  readonly name: string;
  readonly took: number;
}

const seed = Number(process.argv[2] ?? 1);
const probe = new EventLoopProbe();
const program = await startProgram({
  env: { ...probe.env, LOG_LEVEL: 'error', WRITE_BURST_PER_USER: '1000000' },
});

async function turnOf(name: string, act: () => Promise<unknown>): Promise<Turn> {
  const turns: number[] = [];
  for (let tries = 0; tries < TRIES; tries += 1) turns.push(await probe.during(act));
  return { name, took: Math.min(...turns) };
}

async function turnsOf<Item extends { readonly name: string }>(
  items: fc.Arbitrary<Item>,
  numRuns: number,
  send: (item: Item) => Promise<unknown>,
): Promise<Turn[]> {
  const turns: Turn[] = [];
  for (const item of fc.sample(items, { seed, numRuns })) {
    turns.push(await turnOf(item.name, () => send(item)));
  }
  return turns;
}

function printLongest(turns: readonly Turn[]): void {
  const longest = turns.toSorted((a, b) => b.took - a.took)[0];
  if (longest === undefined) return;
  printFigure(longest.name, ms(longest.took), `${TARGET_MS} ms`, longest.took <= TARGET_MS);
}

/** The route, without the sid of the Service. */
const groupOf = ({ name }: Turn): string => name.split(',')[0] ?? name;

try {
  printMachine(seed);
  const service = await createService(program);
  const users = `/v2/Services/${service}/Users`;
  await program.post(users, { Identity: 'ann' });
  const names = Array.from({ length: USERS }, (_, index) => `user-${index}`);
  for (let start = 0; start < USERS; start += AT_ONCE) {
    const some = names.slice(start, start + AT_ONCE);
    await Promise.all(
      some.map((Identity) => program.post(users, { Identity, Attributes: ATTRIBUTES })),
    );
  }
  const query = `/v2/Services/${service}/Reachability/Query`;
  printLongest([
    await turnOf(`query of ${USERS} Users`, () => program.post(query, { User: names })),
  ]);
  printLongest([await turnOf('list of 100 Users', () => program.get(`${users}?PageSize=100`))]);
  const requests = await turnsOf(
    largeRequests(`/v2/Services/${service}`),
    REQUESTS,
    ({ method, path, options }) => program.request(method, path, options),
  );
  for (const turns of Map.groupBy(requests, groupOf).values()) printLongest(turns);
  const sent = { stream: sendToStream, twilsock: sendToTwilsock };
  printLongest(
    await turnsOf(largeStreamFrames, FRAMES, (frame) => sent.stream(program, service, frame)),
  );
  printLongest(
    await turnsOf(largeTwilsockFrames, FRAMES, (frame) => sent.twilsock(program, service, frame)),
  );
} finally {
  await program.stop();
  probe.remove();
}
