import { now, spread } from './clock.ts';
import { LightClient, tokenOf } from './light-client.ts';
import type { Deliveries, Target } from './load-protocol.ts';

/** A change by a User that connects or disconnects, and when that started. */
export interface Change {
  readonly at: number;
  readonly subject: number;
  readonly online: boolean;
}

/** Watched Users that connect and disconnect. */
export class Subjects {
  readonly #target: Target;
  readonly #names: readonly string[];
  readonly #clients: (LightClient | null)[];
  /** Tokens are made in advance, because their cost is not the server's. */
  readonly #tokens: readonly string[];
  #turn = 0;

  constructor(target: Target, names: readonly string[]) {
    this.#target = target;
    this.#names = names;
    this.#clients = names.map(() => null);
    this.#tokens = names.map((name) => tokenOf(target, name));
  }

  /** Connects, or cleanly disconnects, one User after another at the given rate. */
  async change(perSecond: number, seconds: number, random: () => number): Promise<Change[]> {
    const changes: Change[] = [];
    const total = Math.round(perSecond * seconds);
    await spread(total, { withinMs: (total / perSecond) * 1_000, random }, () => {
      changes.push(this.#changeOne(this.#turn));
      this.#turn = (this.#turn + 1) % this.#names.length;
    });
    return changes;
  }

  /** For each User, whether it is connected. */
  get connected(): boolean[] {
    return this.#clients.map((client) => client !== null);
  }

  stop(): void {
    for (const client of this.#clients) client?.drop();
  }

  #changeOne(subject: number): Change {
    const at = now();
    const present = this.#clients[subject] ?? null;
    if (present !== null) {
      present.send({ type: 'bye' });
      this.#clients[subject] = null;
      return { at, subject, online: false };
    }
    this.#clients[subject] = new LightClient(this.#target, `token=${this.#tokens[subject]}`, {
      message: () => undefined,
      closed: () => undefined,
    });
    return { at, subject, online: true };
  }
}

/** Delivery times in milliseconds, by change. */
export function latenciesOf(
  changes: readonly Change[],
  { at, subject, online }: Deliveries,
  firstPlace: number,
): Map<Change, number[]> {
  const latencies = new Map(changes.map((change) => [change, [] as number[]]));
  const bySubject = Map.groupBy(changes, (change) => change.subject);
  for (const [index, deliveredAt] of at.entries()) {
    const change = bySubject
      .get((subject[index] ?? 0) - firstPlace)
      ?.findLast(
        (candidate) => candidate.online === (online[index] === 1) && candidate.at <= deliveredAt,
      );
    if (change !== undefined) latencies.get(change)?.push(deliveredAt - change.at);
  }
  return latencies;
}
