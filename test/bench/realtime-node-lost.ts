/**
 * Kills a node with 10,000 connections while another node shares its event store. One client in five reconnects to the
 * surviving node. Measures how long the others are still shown online.
 * Run: `npm run bench -- realtime-node-lost [connections]`
 */
import { printMachine } from './report.ts';
import { ClientProcess } from './realtime/load.ts';
import { killNode } from './realtime/node-killed.ts';
import { startNodes } from './realtime/server.ts';

const HELD = Number(process.argv[2] ?? 10_000);

printMachine(0);
const nodes = await startNodes();
const load = new ClientProcess();
try {
  await killNode(nodes, load, { held: HELD, returning: 0.2 });
} finally {
  await load.stop();
  await nodes.stop();
}
