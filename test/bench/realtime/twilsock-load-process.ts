/** Twilsock clients of a bench in a process of their own, which can open and collect. */
import { userMapSid } from '../../../apps/api/src/realtime/twilsock/map-sids.ts';
import { Attempts, Endings, type Ready } from './attempts.ts';
import { LightTwilsock } from './light-twilsock.ts';
import { serveParent } from './load-process.ts';
import type { Opened, OpenRequest } from './load-protocol.ts';
import { watchedBy, WatchedPlaces } from './watched-places.ts';

const places = new WatchedPlaces(userMapSid);
const endings = new Endings();
const clients: LightTwilsock[] = [];
const listener = {
  told: places.told.bind(places),
  closed: endings.add.bind(endings),
};

async function open(request: OpenRequest): Promise<Opened> {
  const { target, prefix, watched } = request;
  places.add(watched);
  const attempts = new Attempts();
  await attempts.pace(request, (index) => {
    const client = new LightTwilsock(target, `${prefix}${index}`, listener);
    clients.push(client);
    return readyOf(client, watchedBy(index, watched));
  });
  return attempts.opened(endings);
}

/** A client is ready once it watches those whom it is to watch. */
async function readyOf(client: LightTwilsock, users: readonly string[]): Promise<Ready | null> {
  const latency = await client.ready;
  if (latency === null) return null;
  if (users.length > 0) await client.subscribe(users);
  return { latency, resumed: false };
}

serveParent(
  (request) => {
    switch (request.do) {
      case 'open':
        return open(request);
      case 'collect':
        return places.collect();
      default:
        throw new Error(`Twilsock clients cannot ${request.do}`);
    }
  },
  () => {
    for (const client of clients) client.drop();
  },
);
