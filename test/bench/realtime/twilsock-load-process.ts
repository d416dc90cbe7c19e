/** Twilsock clients of a bench in a process of their own; see `load-protocol.ts` for what it is asked. */
import { setTimeout as delay } from 'node:timers/promises';
import { userMapSid } from '../../../apps/api/src/twilsock/map-sids.ts';
import { now } from './clock.ts';
import { LightTwilsock } from './light-twilsock.ts';
import type { Deliveries, LoadRequest, Opened } from './load-protocol.ts';

/** Longest that clients are given to become ready. */
const PATIENCE_MS = 60_000;

type Open = Extract<LoadRequest, { do: 'open' }>;

/** By the sid of its map: the place of a User in the lists that are watched. */
const subjects = new Map<string, number>();
const times: number[] = [];
const places: number[] = [];
const values: number[] = [];
const closes: Record<string, number> = {};

const listener = {
  told(mapSid: string, online: boolean | null, at: number): void {
    const place = subjects.get(mapSid);
    if (place === undefined) return;
    times.push(at);
    places.push(place);
    values.push(online === true ? 1 : 0);
  },
  closed(code: number): void {
    closes[code] = (closes[code] ?? 0) + 1;
  },
};

async function open(request: Open): Promise<Opened> {
  const { target, prefix, count, perSecond, localAddress, watched } = request;
  for (const sid of watched.flatMap(({ users }) => users)) {
    subjects.set(userMapSid(sid), subjects.size);
  }
  const startedAt = now();
  const outcomes: Promise<{ latency: number; at: number } | null>[] = [];
  for (let index = 0; index < count; index += 1) {
    const due = startedAt + (index / perSecond) * 1_000;
    if (due > now() + 1) await delay(due - now());
    const users = watched.flatMap(({ users, each }) =>
      Array.from({ length: each }, (_, turn) => users[(index * each + turn) % users.length] ?? ''),
    );
    const client = new LightTwilsock(
      { target, identity: `${prefix}${index}`, localAddress },
      listener,
    );
    outcomes.push(Promise.race([begun(client, users), delay(PATIENCE_MS, null, { ref: false })]));
  }
  const settled = (await Promise.all(outcomes)).filter((outcome) => outcome !== null);
  return {
    ready: settled.length,
    failed: outcomes.length - settled.length,
    resumed: 0,
    startedAt,
    lastReadyAt: settled.reduce((last, { at }) => Math.max(last, at), startedAt),
    latencies: settled.map(({ latency }) => latency),
    closes,
  };
}

async function begun(client: LightTwilsock, users: readonly string[]) {
  const latency = await client.ready;
  if (latency === null) return null;
  if (users.length > 0) await client.subscribe(users);
  return { latency, at: now() };
}

function collect(): Deliveries {
  return {
    at: Float64Array.from(times.splice(0)),
    subject: Uint32Array.from(places.splice(0)),
    online: Uint8Array.from(values.splice(0)),
  };
}

async function answer(request: LoadRequest): Promise<void> {
  if (request.do === 'open') process.send?.(await open(request));
  else if (request.do === 'collect') process.send?.(collect());
  else throw new Error(`Twilsock clients cannot ${request.do}`);
}

process.on('message', (request: LoadRequest) => void answer(request));
process.once('disconnect', () => process.exit());
