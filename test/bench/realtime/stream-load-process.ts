/** Process with the `/stream` clients of a bench; see `load-protocol.ts` for its requests. */
import { setTimeout as delay } from 'node:timers/promises';
import { Attempts, SocketEndCounter, PATIENCE_MS } from './attempts.ts';
import { openClients, serveParent } from './load-process.ts';
import type { DropRequest, Opened, OpenRequest, States } from './load-protocol.ts';
import { ReconnectingClient } from './reconnecting-client.ts';
import { DeliveryLog } from './delivery-log.ts';

const deliveries = new DeliveryLog();
const socketEnds = new SocketEndCounter();
const clients: ReconnectingClient[] = [];
const listener = {
  changed: deliveries.record.bind(deliveries),
  closed: socketEnds.add.bind(socketEnds),
};

function open(request: OpenRequest): Promise<Opened> {
  return openClients(request, deliveries, socketEnds, (identity, watched) => {
    const client = new ReconnectingClient(identity, watched, listener);
    clients.push(client);
    return client.open(request.target, false);
  });
}

async function drop({ resume, returning, awayMs, target }: DropRequest): Promise<Opened> {
  socketEnds.reset();
  const attempts = new Attempts();
  dropAll();
  await delay(awayMs);
  for (const client of clients.slice(0, Math.round(clients.length * returning))) {
    attempts.add(client.reconnect(target, resume, attempts.startedAt + PATIENCE_MS));
  }
  return attempts.result(socketEnds);
}

function dropAll(): void {
  for (const client of clients) client.drop();
}

function statesOf(client: ReconnectingClient): States {
  const states: Record<number, boolean | null> = {};
  for (const sid of client.watched) states[deliveries.indexOf(sid) ?? -1] = client.stateOf(sid);
  return states;
}

serveParent((request) => {
  switch (request.do) {
    case 'open':
      return open(request);
    case 'drop':
      return drop(request);
    case 'collect':
      return deliveries.collect();
    case 'states':
      return clients.map(statesOf);
  }
}, dropAll);
