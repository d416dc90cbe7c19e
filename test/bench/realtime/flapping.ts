import { setTimeout as delay } from 'node:timers/promises';
import { printFigure } from './figures.ts';
import type { Load } from './load.ts';
import { RestWitness } from './rest-witness.ts';
import { makeUsers, type Server } from './server.ts';
import { shownOffline } from './shown-offline.ts';
import { Subjects } from './subjects.ts';
import { Witness } from './witness.ts';

const FLAPPERS = 100;
const WATCHED = 20;
const ROUNDS = 4;
const AWAY_MS = 2_000;
/** With the time that they are away and come back in, 15 s. */
const PRESENT_MS = 12_000;

/** Clients that lose their sockets again and again, of whom nobody is to hear, and who are to miss nothing. */
export async function flap(server: Server, load: Load, random: () => number): Promise<void> {
  const { target } = server;
  const names = Array.from({ length: WATCHED }, (_, index) => `restless-${index}`);
  const restless = await makeUsers(server, names);
  const prefix = 'flapper-';
  const sids = await makeUsers(
    server,
    Array.from({ length: FLAPPERS }, (_, index) => `${prefix}${index}`),
  );
  const watched = [{ users: restless, each: WATCHED }];
  const clients = { target, prefix, count: FLAPPERS, perSecond: 200, watched };
  const opened = await load.ask({ do: 'open', ...clients });
  if (opened.failed > 0) throw new Error(`Connections failed: ${JSON.stringify(opened.closes)}`);
  const witness = await Witness.watch(server, 'witness-flapping', sids);
  const read = new RestWitness(server, 20);
  read.watch(sids);
  witness.forget();
  const subjects = new Subjects(target, names);
  const away = { do: 'drop', resume: true, returning: 1, awayMs: AWAY_MS, target } as const;
  let [resumed, returned, changes] = [0, 0, 0];
  for (let round = 0; round < ROUNDS; round += 1) {
    const back = load.ask(away);
    // Odd, so that some who are watched stay and some go, and never all the same.
    changes += (await subjects.change(WATCHED + 7, 1, random)).length;
    const { ready, resumed: again } = await back;
    returned += ready;
    resumed += again;
    await delay(PRESENT_MS);
  }
  const truth = subjects.present;
  const states = await load.ask({ do: 'states' });
  const wrong = states.flatMap((known) =>
    truth.filter((online, place) => (known[place] ?? false) !== online),
  ).length;
  const spurious = shownOffline({ sids, places: [witness, read] });
  console.log(`flapping  ${returned} times back, ${resumed} resumed; ${changes} changes meanwhile`);
  printFigure('2 s away every 15 s: offline events', String(spurious), '0', spurious === 0);
  printFigure('... final states not delivered', String(wrong), '0', wrong === 0);
  subjects.end();
  witness.end();
  await read.end();
}
