/**
 * Compares Twilsock with `/stream` on one server under the same load: how fast changes reach watchers, how long a User
 * who left is still shown online, and how much memory an idle connection takes. Both gateways must be within a factor
 * of two. Deliveries are timed as in `realtime-fanout`. For both gateways the watched Users connect on `/stream`, so
 * that only the path to the watchers differs. Run: `npm run bench -- twilsock`
 */
import { printMachine } from './report.ts';
import { fanOut } from './realtime/gateway-fan-out.ts';
import { liveness } from './realtime/gateway-liveness.ts';
import { idleBytes } from './realtime/gateway-memory.ts';
import { forEachGateway, startClients, compare, GATEWAYS } from './realtime/gateways.ts';
import { startService } from './realtime/server.ts';

const GRACE_SECONDS = 2;

const seed = Number(process.argv[2] ?? 1);
printMachine(seed);
const kilobytes = (bytes: number): string => `${(bytes / 1_024).toFixed(1)} KB`;
const server = await startService({ graceSeconds: GRACE_SECONDS });
const clients = { '/stream': startClients('/stream'), Twilsock: startClients('Twilsock') };
try {
  await fanOut(server, clients, seed);
  await liveness(server, seed);
} finally {
  for (const gateway of GATEWAYS) await clients[gateway].stop();
  await server.stop();
}
compare('resident memory of an idle connection', await forEachGateway(idleBytes), kilobytes);
