/**
 * Measures how long a User who left is still shown online, for each kind of disconnect: at watchers and in REST reads,
 * on the node that held the socket and on another node with the same event store. Then clients disconnect for 2 s every
 * 15 s, which must be invisible. Run: `npm run bench -- realtime-staleness`; or, after a build,
 * `node --conditions=source test/bench/realtime-staleness.ts 1 [clean|abrupt|silent|killed|flapping ...]`
 */
import { printMachine, seededRandom } from './report.ts';
import { flap } from './realtime/flapping.ts';
import { playDisconnects, type DisconnectScenario } from './realtime/disconnect-scenario.ts';
import { ClientProcess } from './realtime/load.ts';
import { killNode } from './realtime/node-killed.ts';
import { startNodes } from './realtime/server.ts';

const GRACE_MS = 5_000;
const SCENARIOS: readonly DisconnectScenario[] = [
  {
    what: 'clean disconnect to offline',
    name: 'clean',
    users: 200,
    withinMs: 10_000,
    patienceMs: 5_000,
    disconnect: (client) => client.send({ type: 'bye' }),
    aim: { share: 0.99, ms: 300 },
  },
  {
    what: 'abrupt',
    name: 'abrupt',
    users: 100,
    withinMs: 5_000,
    patienceMs: 15_000,
    disconnect: (client) => client.drop(),
    aim: { share: 1, ms: GRACE_MS + 500 },
  },
  {
    what: 'silent',
    name: 'silent',
    users: 100,
    withinMs: 10_000,
    patienceMs: 30_000,
    disconnect: (client) => client.mute(),
    aim: { share: 1, ms: 21_000 },
  },
];

const [seedText = '1', ...wanted] = process.argv.slice(2);
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
const seed = Number(seedText);
const random = seededRandom(seed);
printMachine(seed);
const nodes = await startNodes({ graceSeconds: GRACE_MS / 1_000 });
const [held, flappingClients] = [new ClientProcess(), new ClientProcess()];
try {
  for (const scenario of SCENARIOS.filter(({ name }) => isWanted(name))) {
    await playDisconnects(nodes, scenario, random);
  }
  if (isWanted('killed')) await killNode(nodes, held, { held: 4_000, returning: 0.5 });
  if (isWanted('flapping')) await flap(nodes.other, flappingClients, random);
} finally {
  await held.stop();
  await flappingClients.stop();
  await nodes.stop();
}
