import { deriveSid, type CloseCause } from '#domain';
import { HOUR, MINUTE, SECOND, type History } from './history.ts';
import type { Milestones } from './milestones.ts';
import { Nodes, type Run } from './nodes.ts';
import {
  deleteUser,
  registerForPush,
  send,
  unregisterFromPush,
  updateProfile,
  type Device,
  type SeedUser,
} from './users.ts';

type Range = readonly [low: number, high: number];

/** How long sessions last and how long it takes until the next one; repeated according to how common they are. */
const LENGTHS: readonly [Range, ...Range[]] = [
  [20 * SECOND, 2 * MINUTE],
  [2 * MINUTE, 20 * MINUTE],
  [2 * MINUTE, 20 * MINUTE],
  [20 * MINUTE, 2 * HOUR],
  [20 * MINUTE, 2 * HOUR],
  [2 * HOUR, 9 * HOUR],
];
const GAPS: readonly [Range, ...Range[]] = [
  [30 * SECOND, 5 * MINUTE],
  [10 * MINUTE, 90 * MINUTE],
  [2 * HOUR, 8 * HOUR],
  [2 * HOUR, 8 * HOUR],
  [10 * HOUR, 36 * HOUR],
];
const CAUSES: readonly [CloseCause, ...CloseCause[]] = [
  ...(['clean', 'clean', 'clean', 'clean', 'clean', 'clean'] as const),
  ...(['abrupt', 'abrupt', 'abrupt', 'timeout', 'expired'] as const),
];
const HTTP_TTL_SECONDS = 300;
const WAKING_HOUR = 6;

/** The life of the Users from session to session. */
export class Sessions {
  readonly #history: History;
  readonly #users: SeedUser[] = [];
  readonly #nodes: Nodes;
  #gone = 0;

  constructor(history: History, milestones: Milestones, users: number) {
    this.#history = history;
    this.#nodes = new Nodes(history, milestones, users, (run) => this.#lateOpen(run));
  }

  /** From here on the User comes and goes, beginning at once or within a day. */
  follow(user: SeedUser, atOnce: boolean): void {
    this.#users.push(user);
    if (atOnce) this.#visit(user);
    else this.#planVisit(user, this.#history.random.below(24 * HOUR));
  }

  /** Somebody connects through a node that was given up meanwhile. */
  #lateOpen(run: Run): void {
    const user = this.#users[this.#history.random.below(this.#users.length)];
    if (user !== undefined && !user.gone) this.#open(user, user.devices[0], run);
  }

  #planVisit(user: SeedUser, afterMs: number): void {
    const { random, now } = this.#history;
    const hour = ((now + afterMs) / HOUR + user.utcOffset + 24) % 24;
    const asleep = hour < WAKING_HOUR && random.chance(0.9);
    const delay = asleep ? (WAKING_HOUR - hour) * HOUR + random.below(3 * HOUR) : 0;
    this.#history.plan(Math.floor(afterMs + delay), () => this.#visit(user));
  }

  /** One session and the plan for the next. */
  #visit(user: SeedUser): void {
    if (user.gone) return;
    const { random } = this.#history;
    const length = random.between(...random.pick(LENGTHS));
    const gap = random.between(...random.pick(GAPS));
    // Every seventh time with another device while this one is still there.
    this.#planVisit(user, random.chance(0.15) ? Math.floor(length / 2) : length + gap);
    const device = random.pick(user.devices);
    const run = this.#nodes.pick();
    if (run !== null) this.#session(user, device, run, length);
  }

  #session(user: SeedUser, device: Device, run: Run, length: number): void {
    const { random } = this.#history;
    const end = this.#open(user, device, run);
    if (end === null) return;
    if (device.push !== null && random.chance(0.5)) {
      this.#history.plan(random.between(1, 8) * SECOND, () => {
        if (isActive(user)) registerForPush(this.#history, user, device);
      });
    }
    if (random.chance(0.04)) {
      this.#history.plan(Math.floor(length / 3), () => {
        if (isActive(user)) updateProfile(this.#history, user);
      });
    }
    this.#history.plan(length, () => {
      const cause = random.pick(CAUSES);
      end(cause);
      if (cause === 'clean' && random.chance(0.04)) {
        unregisterFromPush(this.#history, user, device);
      }
      if (isActive(user) && random.chance(0.004)) this.#delete(user);
    });
  }

  /** Two of five go for good, until a tenth of all Users have. */
  #delete(user: SeedUser): void {
    const forGood = this.#history.random.chance(0.4) && this.#gone < this.#users.length / 10 - 1;
    if (forGood) this.#gone += 1;
    deleteUser(this.#history, user, forGood);
  }

  /** @returns what ends the Connection, or null where it could not be opened any more */
  #open(user: SeedUser, device: Device, run: Run): ((cause: CloseCause) => void) | null {
    const history = this.#history;
    const isHttp = device.transport === 'http' && isActive(user);
    const commandId = history.random.uuid();
    const connectionSid = deriveSid('CN', commandId);
    const { nodeId, incarnation, skewMs } = run;
    const openedAt = history.at(skewMs);
    const opened = send(
      history,
      user,
      {
        type: 'OpenConnection',
        connectionSid,
        transport: device.transport === 'http' && !isHttp ? 'stream' : device.transport,
        node: isHttp ? null : { nodeId, incarnation },
        deviceId: device.id,
        ttlSeconds: isHttp ? HTTP_TTL_SECONDS : null,
        ...(!isHttp && { createAs: { serviceSid: user.service.sid, identity: user.identity } }),
      },
      {
        actor: isHttp ? user.service.keyActor : `identity:${user.identity}`,
        commandId,
        ...(!isHttp && { correlationId: connectionSid }),
        skewMs,
      },
    );
    if (!opened) return null;
    const close = (cause: CloseCause, actor: string, lastSeenAt: string) => {
      run.held.delete(connectionSid);
      if (!isOpen(user, connectionSid)) return;
      const command = { type: 'CloseConnection', connectionSid, cause, lastSeenAt } as const;
      send(history, user, command, { actor, correlationId: connectionSid, skewMs });
    };
    if (isHttp) {
      const { keyActor } = user.service;
      return (cause) => {
        if (cause === 'clean') close('clean', keyActor, history.at(skewMs));
        else close('expired', 'worker', history.at(-HTTP_TTL_SECONDS * SECOND));
      };
    }
    run.held.set(connectionSid, {
      close: (cause, actor) =>
        close(cause, actor, cause === 'node_lost' ? openedAt : history.at(skewMs)),
    });
    // A process that has gone hears nothing of the end of its sockets.
    return (cause) => {
      if (run.alive) close(cause, `node:${nodeId}`, history.at(skewMs - silence(cause)));
    };
  }
}

/** How long nothing was heard of a client before its Connection is recorded as closed, in milliseconds. */
function silence(cause: CloseCause): number {
  if (cause === 'timeout') return 20 * SECOND;
  return cause === 'abrupt' ? 5 * SECOND : 0;
}

function isActive({ subject }: SeedUser): boolean {
  return subject.state.status === 'active';
}

function isOpen({ subject: { state } }: SeedUser, sid: string): boolean {
  return state.status === 'active' && state.connections.some((open) => open.sid === sid);
}
