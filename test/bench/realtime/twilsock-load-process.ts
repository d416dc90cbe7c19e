/** Process with the Twilsock clients of a bench. It supports the requests `open` and `collect`. */
import { userMapSid } from '../../../apps/api/src/realtime/twilsock/map-sids.ts';
import { SocketEndCounter, type ReadyResult } from './attempts.ts';
import { seededRandom } from '../report.ts';
import { LightTwilsock, type EventProtocol } from './light-twilsock.ts';
import { openClients, serveParent } from './load-process.ts';
import type { Opened, OpenRequest } from './load-protocol.ts';
import { DeliveryLog } from './delivery-log.ts';

const deliveries = new DeliveryLog(userMapSid);
const socketEnds = new SocketEndCounter();
const clients: LightTwilsock[] = [];
/** Not every second client: neighbours watch other Users, and those of one User should speak both protocols. */
const random = seededRandom(1);
const listener = {
  changed: deliveries.record.bind(deliveries),
  closed: socketEnds.add.bind(socketEnds),
};

function open(request: OpenRequest): Promise<Opened> {
  return openClients(request, deliveries, socketEnds, (identity, watched) => {
    const client = new LightTwilsock(request.target, identity, listener);
    const share = request.protocol3Share ?? 0;
    const protocol = random() < share ? 3 : 4;
    clients.push(client);
    return readyOf(client, watched, protocol);
  });
}

/** Settles once the client is ready and its subscriptions are established. */
async function readyOf(
  client: LightTwilsock,
  users: readonly string[],
  protocol: EventProtocol,
): Promise<ReadyResult | null> {
  const latency = await client.ready;
  if (latency === null) return null;
  if (users.length > 0) await client.subscribe(users, protocol);
  return { latency, resumed: false };
}

serveParent(
  (request) => {
    switch (request.do) {
      case 'open':
        return open(request);
      case 'collect':
        return deliveries.collect();
      default:
        throw new Error(`Twilsock clients cannot ${request.do}`);
    }
  },
  () => {
    for (const client of clients) client.drop();
  },
);
