import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { reachabilityRegistry, userStream, type ReachabilityEvent } from '#domain';
import { toNewEvents, type EventStore } from '#event-store';

const LANES = 64;

/** Opens and closes Connections of Users in the log, as another node does. */
export class Appender {
  readonly #log: EventStore;
  readonly #serviceSid: string;
  readonly #perSecond: number;
  /** By User: the revision of its stream, and the Connection that is open. */
  readonly #users = new Map<string, { revision: number; connection: string | null }>();

  constructor(log: EventStore, serviceSid: string, perSecond: number) {
    this.#log = log;
    this.#serviceSid = serviceSid;
    this.#perSecond = perSecond;
  }

  /** Changes Users for some seconds, each in turn. Returns the number of changes. */
  async change(sids: readonly string[], seconds: number): Promise<number> {
    const began = performance.now();
    const total = this.#perSecond * seconds;
    let made = 0;
    const lane = async (number: number): Promise<void> => {
      const own = sids.filter((_, index) => index % LANES === number);
      for (let turn = 0; made < total; turn += 1) {
        const due = (made++ / this.#perSecond) * 1_000 - (performance.now() - began);
        if (due > 0) await delay(due);
        await this.#changeOne(own[turn % own.length] ?? '');
      }
    };
    await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
    return total;
  }

  async #changeOne(userSid: string): Promise<void> {
    const user = this.#users.get(userSid) ?? { revision: 0, connection: null };
    this.#users.set(userSid, user);
    const of = { serviceSid: this.#serviceSid, userSid };
    const at = new Date().toISOString();
    let event: ReachabilityEvent;
    if (user.connection === null) {
      user.connection = `CN${randomBytes(16).toString('hex')}`;
      const opened = { ...of, connectionSid: user.connection, transport: 'stream' } as const;
      const node = { nodeId: 'elsewhere', incarnation: 1 };
      const data = { ...opened, node, deviceId: null, ttlSeconds: null };
      event = { type: 'ConnectionOpened', data };
    } else {
      const data = {
        ...of,
        connectionSid: user.connection,
        cause: 'clean',
        lastSeenAt: at,
      } as const;
      event = { type: 'ConnectionClosed', data };
      user.connection = null;
    }
    const commandId = randomUUID();
    const context = { commandId, correlationId: commandId, actor: 'bench' };
    const appended = toNewEvents([event], reachabilityRegistry, at, context);
    const append = () => this.#log.append(userStream(userSid), user.revision, appended);
    // On a busy machine the answer may be late. The same events are appended once, however often they are sent.
    await append().catch(append);
    user.revision += 1;
  }
}
