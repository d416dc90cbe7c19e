/** Clients of a bench in a process of their own; see `load-protocol.ts` for what it is asked. */
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { mintToken } from '../../support/mint-token.ts';
import { now } from './clock.ts';
import { LightClient } from './light-client.ts';
import type {
  Deliveries,
  LoadAnswers,
  LoadRequest,
  Opened,
  States,
  Target,
} from './load-protocol.ts';

/** Longest that clients are given to become ready. */
const PATIENCE_MS = 60_000;
/** Clients that begin to connect between two turns of the event loop. */
const OPENED_AT_ONCE = 10;
const BACK_OFF_BASE_MS = 500;
const BACK_OFF_CAP_MS = 30_000;

interface UserFrame {
  readonly sid: string;
  readonly is_online: boolean | null;
  readonly version: string;
}

type Open = Extract<LoadRequest, { do: 'open' }>;
type Drop = Extract<LoadRequest, { do: 'drop' }>;

const subjects = new Map<string, number>();
const times: number[] = [];
const places: number[] = [];
const values: number[] = [];
const clients: Client[] = [];
let closes: Record<string, number> = {};

/** One connection after another of one identity. */
class Client {
  readonly #identity: string;
  readonly #watched: readonly string[];
  readonly #localAddress: string;
  #light: LightClient | null = null;
  #connectionSid: string | null = null;
  #version = '';
  readonly #known = new Map<string, { version: string; online: boolean | null }>();
  #startedAt = 0;
  #failures = 0;
  #settle: (outcome: { latency: number; resumed: boolean } | null) => void = () => undefined;

  constructor(identity: string, watched: readonly string[], localAddress: string) {
    this.#identity = identity;
    this.#watched = watched;
    this.#localAddress = localAddress;
  }

  /** Settles once it is ready and, where it watches, has its snapshot; null where the server refused. */
  open(target: Target, resume: boolean): Promise<{ latency: number; resumed: boolean } | null> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      const token =
        target.access === null
          ? this.#identity
          : mintToken(target.access.credentials, target.access.serviceSid, this.#identity);
      const again =
        resume && this.#connectionSid !== null
          ? `&resume=${this.#connectionSid}&since=${this.#version}`
          : '';
      this.#startedAt = now();
      let light: LightClient | null = null;
      light = new LightClient(
        {
          port: target.port,
          path: `/stream?token=${token}${again}`,
          localAddress: this.#localAddress,
        },
        {
          message: (text) => this.#message(text),
          closed: (code) => {
            if (this.#light !== light) return;
            this.#light = null;
            closes[code] = (closes[code] ?? 0) + 1;
            resolve(null);
          },
        },
      );
      this.#light = light;
    });
  }

  drop(): void {
    const light = this.#light;
    this.#light = null;
    light?.drop();
  }

  /** As often as it takes, with the waits of the protocol; at once for the first time after a random wait. */
  async comeBack(target: Target, resume: boolean, until: number) {
    while (now() < until) {
      await delay(
        Math.random() * Math.min(BACK_OFF_CAP_MS, BACK_OFF_BASE_MS * 2 ** this.#failures),
      );
      const outcome = await this.open(target, resume);
      if (outcome !== null) return outcome;
      this.#failures += 1;
    }
    return null;
  }

  #message(text: string): void {
    const at = now();
    const frame = JSON.parse(text) as Record<string, unknown>;
    if (typeof frame['version'] === 'string') this.#version = frame['version'];
    if (frame['type'] === 'change') {
      const place = subjects.get(frame['sid'] as string);
      if (place === undefined) return;
      this.#learn(frame as unknown as UserFrame);
      times.push(at);
      places.push(place);
      values.push(frame['is_online'] === true ? 1 : 0);
    } else if (frame['type'] === 'ready') {
      this.#failures = 0;
      const latency = at - this.#startedAt;
      const resumed = frame['resumed'] === true;
      this.#connectionSid = frame['connection_sid'] as string;
      if (!resumed && this.#watched.length > 0) {
        this.#light?.send({ type: 'watch', id: 1, users: this.#watched });
        this.#onSnapshot = () => this.#settle({ latency, resumed });
      } else this.#settle({ latency, resumed });
    } else if (frame['type'] === 'snapshot') {
      for (const user of frame['users'] as UserFrame[]) this.#learn(user);
      if (frame['done'] !== false) this.#onSnapshot();
    }
  }

  get states(): States {
    const states: Record<number, boolean | null> = {};
    for (const sid of this.#watched) {
      states[subjects.get(sid) ?? -1] = this.#known.get(sid)?.online ?? null;
    }
    return states;
  }

  #learn({ sid, version, is_online }: UserFrame): void {
    const known = this.#known.get(sid);
    if (known === undefined) this.#known.set(sid, { version, online: is_online });
    else if (known.version <= version) {
      known.version = version;
      known.online = is_online;
    }
  }

  #onSnapshot: () => void = () => undefined;
}

async function open(request: Open): Promise<Opened> {
  const { target, prefix, count, perSecond, localAddress, watched } = request;
  for (const sid of watched.flatMap(({ users }) => users)) subjects.set(sid, subjects.size);
  const startedAt = now();
  const outcomes: Promise<Outcome>[] = [];
  for (let index = 0; index < count; index += 1) {
    const due = startedAt + (index / perSecond) * 1_000;
    if (due > now() + 1) await delay(due - now());
    // Late itself, it lets those be ready who have been answered: their waiting is not to be its own.
    else if (index % OPENED_AT_ONCE === 0) await nextTurn();
    const list = watched.flatMap(({ users, each }) =>
      Array.from({ length: each }, (_, turn) => users[(index * each + turn) % users.length] ?? ''),
    );
    const client = new Client(`${prefix}${index}`, list, localAddress);
    clients.push(client);
    outcomes.push(timed(client.open(target, false)));
  }
  return summarize(startedAt, outcomes);
}

async function drop({ resume, returning, awayMs, target }: Drop): Promise<Opened> {
  closes = {};
  const startedAt = now();
  for (const client of clients) client.drop();
  await delay(awayMs);
  const back = clients.slice(0, Math.round(clients.length * returning));
  return summarize(
    startedAt,
    back.map((client) => timed(client.comeBack(target, resume, startedAt + PATIENCE_MS))),
  );
}

type Outcome = { latency: number; resumed: boolean; at: number } | null;

async function timed(
  outcome: Promise<{ latency: number; resumed: boolean } | null>,
): Promise<Outcome> {
  const settled = await Promise.race([outcome, delay(PATIENCE_MS, null, { ref: false })]);
  return settled === null ? null : { ...settled, at: now() };
}

async function summarize(startedAt: number, outcomes: Promise<Outcome>[]): Promise<Opened> {
  const settled = (await Promise.all(outcomes)).filter((outcome) => outcome !== null);
  return {
    ready: settled.length,
    failed: outcomes.length - settled.length,
    resumed: settled.filter(({ resumed }) => resumed).length,
    startedAt,
    lastReadyAt: settled.reduce((last, { at }) => Math.max(last, at), startedAt),
    latencies: settled.map(({ latency }) => latency),
    closes,
  };
}

function collect(): Deliveries {
  return {
    at: Float64Array.from(times.splice(0)),
    subject: Uint32Array.from(places.splice(0)),
    online: Uint8Array.from(values.splice(0)),
  };
}

async function resultOf(request: LoadRequest): Promise<LoadAnswers[LoadRequest['do']]> {
  switch (request.do) {
    case 'open':
      return open(request);
    case 'drop':
      return drop(request);
    case 'collect':
      return collect();
    case 'states':
      return clients.map(({ states }) => states);
  }
}

async function answer(request: LoadRequest): Promise<void> {
  process.send?.(await resultOf(request));
}

process.on('message', (request: LoadRequest) => void answer(request));
process.once('disconnect', () => process.exit());
