/**
 * Twilsock beside `/stream` on one server under the same load: how fast changes reach those who watch, for how long
 * a User is still shown online who has gone, and what an idle connection takes. Both gateways are to be within a
 * factor of two. Deliveries are timed as in `realtime-fanout`; of both gateways the watched Users come and go on
 * `/stream`, so that all that differs is the way to the watchers. Run: `npm run bench -- twilsock`
 */
import { printMachine } from './report.ts';
import { fanOut } from './realtime/gateway-fan-out.ts';
import { liveness } from './realtime/gateway-liveness.ts';
import { idleBytes } from './realtime/gateway-memory.ts';
import { both, clientsOf, compare, GATEWAYS } from './realtime/gateways.ts';
import { startService } from './realtime/server.ts';

const GRACE_SECONDS = 2;

const seed = Number(process.argv[2] ?? 1);
printMachine(seed);
const kilobytes = (bytes: number): string => `${(bytes / 1_024).toFixed(1)} KB`;
const server = await startService({ graceSeconds: GRACE_SECONDS });
const clients = { '/stream': clientsOf('/stream'), Twilsock: clientsOf('Twilsock') };
try {
  await fanOut(server, clients, seed);
  await liveness(server, seed);
} finally {
  for (const gateway of GATEWAYS) await clients[gateway].stop();
  await server.stop();
}
compare('resident memory of an idle connection', await both(idleBytes), kilobytes);
