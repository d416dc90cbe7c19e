/**
 * For how long a User is still shown online who has gone, by the way it went: at watchers and in REST reads, on the
 * node that held its socket and on another that shares the event store. Then clients that drop for 2 s every 15 s,
 * of whom nobody is to hear. Run: `npm run bench -- realtime-staleness`; or, with a program that is built,
 * `node --conditions=source test/bench/realtime-staleness.ts 1 [clean|abrupt|silent|killed|flapping ...]`
 */
import { printMachine, seededRandom } from './report.ts';
import { flap } from './realtime/flapping.ts';
import { playScene, type Scene } from './realtime/going.ts';
import { Load } from './realtime/load.ts';
import { killNode } from './realtime/node-killed.ts';
import { startNodes } from './realtime/server.ts';

const GRACE_MS = 5_000;
const SCENES: readonly Scene[] = [
  {
    what: 'clean disconnect to offline',
    name: 'clean',
    users: 200,
    withinMs: 10_000,
    patienceMs: 5_000,
    go: (client) => client.send({ type: 'bye' }),
    aim: { share: 0.99, ms: 300 },
  },
  {
    what: 'abrupt',
    name: 'abrupt',
    users: 100,
    withinMs: 5_000,
    patienceMs: 15_000,
    go: (client) => client.drop(),
    aim: { share: 1, ms: GRACE_MS + 500 },
  },
  {
    what: 'silent',
    name: 'silent',
    users: 100,
    withinMs: 10_000,
    patienceMs: 30_000,
    go: (client) => client.mute(),
    aim: { share: 1, ms: 21_000 },
  },
];

const [seedText = '1', ...wanted] = process.argv.slice(2);
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
const seed = Number(seedText);
const random = seededRandom(seed);
printMachine(seed);
const nodes = await startNodes({ graceSeconds: GRACE_MS / 1_000 });
const [held, flappers] = [new Load(), new Load()];
try {
  for (const scene of SCENES.filter(({ name }) => isWanted(name))) {
    await playScene(nodes, scene, random);
  }
  if (isWanted('killed')) await killNode(nodes, held, { held: 4_000, returning: 0.5 });
  if (isWanted('flapping')) await flap(nodes.other, flappers, random);
} finally {
  await held.stop();
  await flappers.stop();
  await nodes.stop();
}
