/** Clients of `/stream` of a bench in a process of their own; see `load-protocol.ts` for what it is asked. */
import { setTimeout as delay } from 'node:timers/promises';
import { Attempts, Endings, PATIENCE_MS } from './attempts.ts';
import { serveParent } from './load-process.ts';
import type { DropRequest, Opened, OpenRequest, States } from './load-protocol.ts';
import { ReturningClient } from './returning-client.ts';
import { watchedBy, WatchedPlaces } from './watched-places.ts';

const places = new WatchedPlaces();
const endings = new Endings();
const clients: ReturningClient[] = [];
const listener = {
  told: places.told.bind(places),
  closed: endings.add.bind(endings),
};

async function open(request: OpenRequest): Promise<Opened> {
  const { target, prefix, watched } = request;
  places.add(watched);
  const attempts = new Attempts();
  await attempts.pace(request, (index) => {
    const client = new ReturningClient(`${prefix}${index}`, watchedBy(index, watched), listener);
    clients.push(client);
    return client.open(target, false);
  });
  return attempts.opened(endings);
}

async function drop({ resume, returning, awayMs, target }: DropRequest): Promise<Opened> {
  endings.forget();
  const attempts = new Attempts();
  dropAll();
  await delay(awayMs);
  for (const client of clients.slice(0, Math.round(clients.length * returning))) {
    attempts.add(client.comeBack(target, resume, attempts.startedAt + PATIENCE_MS));
  }
  return attempts.opened(endings);
}

function dropAll(): void {
  for (const client of clients) client.drop();
}

function statesOf(client: ReturningClient): States {
  const states: Record<number, boolean | null> = {};
  for (const sid of client.watched) states[places.placeOf(sid) ?? -1] = client.stateOf(sid);
  return states;
}

serveParent((request) => {
  switch (request.do) {
    case 'open':
      return open(request);
    case 'drop':
      return drop(request);
    case 'collect':
      return places.collect();
    case 'states':
      return clients.map(statesOf);
  }
}, dropAll);
