import { setTimeout as delay } from 'node:timers/promises';
import type { Api } from './api.ts';

// prettier-ignore
const NAMES = [
  'Ada Lovelace', 'Alan Turing', 'Amelia Earhart', 'Barbara Liskov', 'Carl Gauss', 'Chien-Shiung Wu', 'Dorothy Hodgkin',
  'Edsger Dijkstra', 'Emmy Noether', 'Enrico Fermi', 'Frances Allen', 'Grace Hopper', 'Hedy Lamarr', 'Inge Lehmann',
  'Jean Bartik', 'John Backus', 'Karen Jones', 'Katherine Johnson', 'Leonhard Euler', 'Lise Meitner', 'Margaret Hamilton',
  'Maria Mayer', 'Mary Somerville', 'Max Planck', 'Niels Bohr', 'Paul Erdős', 'Rachel Carson', 'Radia Perlman',
  'Richard Hamming', 'Rosalind Franklin', 'Sally Ride', 'Sofia Kovalevskaya', 'Sophie Germain', 'Srinivasa Ramanujan',
  'Subrahmanyan Chandrasekhar', 'Tim Berners-Lee', 'Tu Youyou', 'Valentina Tereshkova', 'Vera Rubin', 'Wangari Maathai',
];
/** What they are called in the application. */
const IDENTITIES = NAMES.map((name) => name.split(' ')[0]?.toLowerCase() ?? name);
const DEVICES = ['web', 'iphone', 'android', 'desk phone'];

/** Seconds that a Connection lasts without a renewal, so that nobody stays online when the demo is killed. */
const TTL_SECONDS = 60;
const RENEWAL_MS = 20_000;
/** Mean pause between two things that somebody does, in milliseconds. */
const PAUSE_MS = 700;

/** Users of one Service who come and go until they are told to leave. */
export class LiveCrowd {
  readonly #api: Api;
  /** Path of the Service. */
  readonly #service: string;
  /** Paths of the open Connections. */
  readonly #open = new Map<string, string[]>(IDENTITIES.map((name) => [name, []]));

  private constructor(api: Api, service: string) {
    this.#api = api;
    this.#service = service;
  }

  /** Creates a Service with reachability and its Users, of whom every third can be reached by push. */
  static async create(api: Api): Promise<LiveCrowd> {
    const { sid } = await expectCreated(api, '/v2/Services', { FriendlyName: 'Live demo' });
    const crowd = new LiveCrowd(api, `/v2/Services/${sid}`);
    await api.call('POST', crowd.#service, { ReachabilityEnabled: 'true' });
    for (const [index, name] of IDENTITIES.entries()) {
      const user = { Identity: name, FriendlyName: NAMES[index] ?? name };
      await expectCreated(api, `${crowd.#service}/Users`, user);
      if (index % 3 !== 0) continue;
      const binding = {
        BindingType: index % 2 === 0 ? 'apn' : 'fcm',
        Address: `device-of-${name}`,
      };
      await expectCreated(api, `${crowd.#service}/Users/${name}/Bindings`, binding);
    }
    return crowd;
  }

  get size(): number {
    return IDENTITIES.length;
  }

  /** Lets Users connect and leave until the signal, then lets all of them leave. */
  async live(signal: AbortSignal): Promise<void> {
    let renewAt = Date.now() + RENEWAL_MS;
    while (!signal.aborted) {
      await this.#act(pick([...this.#open.keys()]));
      if (Date.now() >= renewAt) {
        await this.#renewAll();
        renewAt = Date.now() + RENEWAL_MS;
      }
      await delay(Math.random() * 2 * PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
    await Promise.all(
      [...this.#open.values()].flat().map((path) => this.#api.call('DELETE', path)),
    );
  }

  /** Somebody who is away comes, and somebody who is there leaves or takes another device. */
  async #act(name: string): Promise<void> {
    const connections = this.#open.get(name) ?? [];
    const [first] = connections;
    if (first === undefined || (connections.length < 2 && Math.random() < 0.3)) {
      const path = `${this.#service}/Users/${name}/Connections`;
      const parameters = { Ttl: String(TTL_SECONDS), DeviceId: pick(DEVICES) };
      const { sid } = await expectCreated(this.#api, path, parameters);
      connections.push(`${path}/${sid}`);
    } else {
      connections.shift();
      await this.#api.call('DELETE', first);
    }
  }

  /** Forgets Connections that are gone, for example because an operator closed them. */
  async #renewAll(): Promise<void> {
    for (const [name, paths] of this.#open) {
      const renewed = await Promise.all(
        paths.map((path) => this.#api.call('POST', path, { Ttl: String(TTL_SECONDS) })),
      );
      this.#open.set(
        name,
        paths.filter((_, index) => renewed[index]?.status === 200),
      );
    }
  }
}

/** Sends a request that creates something, and returns its sid. @throws Error with the server's message */
async function expectCreated(
  api: Api,
  path: string,
  parameters: Readonly<Record<string, string>>,
): Promise<{ readonly sid: string }> {
  const { status, body } = await api.call('POST', path, parameters);
  const { sid, message } = body;
  if (status === 201 && typeof sid === 'string') return { sid };
  throw new Error(`POST ${path} was answered with ${status}: ${String(message)}`);
}

function pick<T>(items: readonly T[]): T {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error('There is nothing to choose from');
  return item;
}
