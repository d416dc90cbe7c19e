/**
 * A node is killed that holds 10,000 connections, beside another that shares its event store. One client in five
 * comes back to the survivor, of whom nobody is to hear; for how long are the others still shown online, at
 * watchers and in REST reads of the survivor? Run: `npm run bench -- realtime-node-lost [connections]`
 */
import { setTimeout as delay } from 'node:timers/promises';
import { userSid } from '#domain';
import { until } from '../support/until.ts';
import { printMachine } from './report.ts';
import { now } from './realtime/clock.ts';
import { ms, printFigure } from './realtime/figures.ts';
import { Load } from './realtime/load.ts';
import { eventLoopDelay, startBeside, startService } from './realtime/server.ts';
import { RestWitness, Witness } from './realtime/witness.ts';

const HELD = Number(process.argv[2] ?? 10_000);
const RETURNING = 0.2;
const PER_SECOND = 1_000;
/** Users that one watcher watches. */
const WATCHED = 2_500;
/** Of those who return and of the others, who are read over REST: reading all of them would be a load of its own. */
const READ = 500;
/** Longer than the grace and a second: what was closed wrongly would have shown. */
const AFTERWARDS_MS = 7_000;
/** The bound for a node that held nobody, and how many connections may take a second more. */
const AIM_MS = 12_000;
const CONNECTIONS_PER_SECOND = 4_000;

const sum = (places: readonly (Witness | RestWitness)[], sids: readonly string[]): number =>
  sids.filter((sid) => places.some((place) => place.offlineAt(sid) !== undefined)).length;

/** When the last of them was shown offline; Infinity while one is not. */
function lastOf(places: readonly (Witness | RestWitness)[], sids: readonly string[]): number {
  return sids.reduce((last, sid) => {
    const shown = places.map((place) => place.offlineAt(sid)).filter((at) => at !== undefined);
    return Math.max(last, shown.length === 0 ? Infinity : Math.max(...shown));
  }, 0);
}

function firstOf(places: readonly Witness[], sids: readonly string[]): number {
  return sids.reduce(
    (first, sid) => Math.min(first, ...places.map((place) => place.offlineAt(sid) ?? Infinity)),
    Infinity,
  );
}

printMachine(0);
const one = await startService();
const other = await startBeside(one.program, one.serviceSid);
const load = new Load();
try {
  const opened = await load.ask({
    do: 'open',
    target: one.target,
    prefix: 'held-',
    count: HELD,
    perSecond: PER_SECOND,
    watched: [],
  });
  if (opened.failed > 0) throw new Error(`Connections failed: ${JSON.stringify(opened.closes)}`);
  const sids = Array.from({ length: HELD }, (_, index) => userSid(one.serviceSid, `held-${index}`));
  const returning = sids.slice(0, HELD * RETURNING);
  const leaving = sids.slice(HELD * RETURNING);
  const witnesses = await Promise.all(
    Array.from({ length: Math.ceil(HELD / WATCHED) }, (_, index) =>
      Witness.watch(other, `witness-${index}`, sids.slice(index * WATCHED, (index + 1) * WATCHED)),
    ),
  );
  const readLeaving = leaving.slice(0, READ);
  const read = new RestWitness(other, 100);
  read.watch([...returning.slice(0, READ), ...readLeaving]);
  for (const witness of witnesses) witness.forget();
  await delay(2_000);
  await eventLoopDelay(other);
  const killedAt = now();
  await one.program.kill();
  const { ready, failed, lastReadyAt } = await load.ask({
    do: 'drop',
    resume: true,
    returning: RETURNING,
    awayMs: 0,
    target: other.target,
  });
  await until(
    'the clients of the lost node to be shown offline',
    () =>
      (lastOf(witnesses, leaving) < Infinity && lastOf([read], readLeaving) < Infinity) ||
      undefined,
    40_000,
  ).catch((error: unknown) => console.log(String(error)));
  const loop = await eventLoopDelay(other);
  await delay(AFTERWARDS_MS);
  const first = firstOf(witnesses, leaving) - killedAt;
  const [watcher, rest] = [
    lastOf(witnesses, leaving) - killedAt,
    lastOf([read], readLeaving) - killedAt,
  ];
  const rate = Math.round((leaving.length / (watcher - first)) * 1_000);
  console.log(
    `${ready} came back within ${ms(lastReadyAt - killedAt)}, ${failed} did not; the others were shown offline ` +
      `from ${ms(first)} on, ${rate} a second; event loop p99 of the survivor ${ms(loop)}`,
  );
  const aim = AIM_MS + (HELD / CONNECTIONS_PER_SECOND) * 1_000;
  printFigure(
    `node killed with ${HELD} connections, who do not return`,
    `watchers ${ms(watcher)}, REST ${ms(rest)} (max)`,
    ms(aim),
    Math.max(watcher, rest) <= aim,
  );
  const spurious = sum([...witnesses, read], returning);
  printFigure(
    '... who return within grace: offline events',
    String(spurious),
    '0',
    spurious === 0 && failed === 0,
  );
  for (const witness of witnesses) witness.end();
  await read.end();
} finally {
  await load.stop();
  await other.stop();
  await one.stop();
}
