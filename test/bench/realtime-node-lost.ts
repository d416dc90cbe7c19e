/**
 * A node is killed that holds 10,000 connections, beside another that shares its event store. One client in five
 * comes back to the survivor; for how long are the others still shown online?
 * Run: `npm run bench -- realtime-node-lost [connections]`
 */
import { printMachine } from './report.ts';
import { Load } from './realtime/load.ts';
import { killNode } from './realtime/node-killed.ts';
import { startNodes } from './realtime/server.ts';

const HELD = Number(process.argv[2] ?? 10_000);

printMachine(0);
const nodes = await startNodes();
const load = new Load();
try {
  await killNode(nodes, load, { held: HELD, returning: 0.2 });
} finally {
  await load.stop();
  await nodes.stop();
}
