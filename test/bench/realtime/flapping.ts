import { setTimeout as delay } from 'node:timers/promises';
import { printFigure } from './figures.ts';
import type { ClientProcess } from './load.ts';
import { RestObserver } from './rest-observer.ts';
import { makeUsers, type Server } from './server.ts';
import { countShownOffline } from './shown-offline.ts';
import { Subjects } from './subjects.ts';
import { StreamObserver } from './stream-observer.ts';

const FLAPPERS = 100;
const WATCHED = 20;
const ROUNDS = 4;
const AWAY_MS = 2_000;
/** 15 s a round, together with the absence and the reconnect. */
const PRESENT_MS = 12_000;

/** Clients lose their sockets repeatedly. Watchers must not notice it, and the clients must not miss changes. */
export async function flap(
  server: Server,
  load: ClientProcess,
  random: () => number,
): Promise<void> {
  const { target } = server;
  const names = Array.from({ length: WATCHED }, (_, index) => `watchedSids-${index}`);
  const watchedSids = await makeUsers(server, names);
  const prefix = 'flapper-';
  const sids = await makeUsers(
    server,
    Array.from({ length: FLAPPERS }, (_, index) => `${prefix}${index}`),
  );
  const watched = [{ users: watchedSids, each: WATCHED }];
  const clients = { target, prefix, count: FLAPPERS, perSecond: 200, watched };
  const opened = await load.request({ do: 'open', ...clients });
  if (opened.failed > 0) throw new Error(`Connections failed: ${JSON.stringify(opened.closes)}`);
  const observer = await StreamObserver.watch(server, 'observer-flapping', sids);
  const read = new RestObserver(server, 20);
  read.watch(sids);
  observer.reset();
  const subjects = new Subjects(target, names);
  const away = { do: 'drop', resume: true, returning: 1, awayMs: AWAY_MS, target } as const;
  let [resumed, returned, changes] = [0, 0, 0];
  for (let round = 0; round < ROUNDS; round += 1) {
    const back = load.request(away);
    // An odd number, so that some watched Users stay, some leave, and the groups change.
    changes += (await subjects.change(WATCHED + 7, 1, random)).length;
    const { ready, resumed: again } = await back;
    returned += ready;
    resumed += again;
    await delay(PRESENT_MS);
  }
  const expected = subjects.connected;
  const states = await load.request({ do: 'states' });
  const missing = states.flatMap((known) =>
    expected.filter((online, index) => (known[index] ?? false) !== online),
  ).length;
  const offlineEvents = countShownOffline({ sids, observers: [observer, read] });
  console.log(`flapping  ${returned} times back, ${resumed} resumed; ${changes} changes meanwhile`);
  printFigure(
    '2 s away every 15 s: offline events',
    String(offlineEvents),
    '0',
    offlineEvents === 0,
  );
  printFigure('... final states not delivered', String(missing), '0', missing === 0);
  subjects.stop();
  observer.stop();
  await read.stop();
}
