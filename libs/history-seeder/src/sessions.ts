import { deriveSid, type CloseCause } from '#domain';
import { HOUR, MINUTE, SECOND, type History } from './history.ts';
import type { Milestones } from './milestones.ts';
import { Nodes, type Incarnation } from './nodes.ts';
import {
  deleteUser,
  registerForPush,
  send,
  unregisterFromPush,
  revokeTokens,
  updateProfile,
  type Device,
  type SeedUser,
} from './users.ts';

type Range = readonly [low: number, high: number];

/** Lengths of sessions, and of the gaps between them. More frequent ranges are repeated. */
const SESSION_LENGTHS: readonly [Range, ...Range[]] = [
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
const CLOSE_CAUSES: readonly [CloseCause, ...CloseCause[]] = [
  ...(['clean', 'clean', 'clean', 'clean', 'clean', 'clean'] as const),
  ...(['abrupt', 'abrupt', 'abrupt', 'timeout', 'expired'] as const),
];
const HTTP_TTL_SECONDS = 300;
const WAKING_HOUR = 6;

/** Simulates the sessions of the Users. */
export class Sessions {
  readonly #history: History;
  readonly #users: SeedUser[] = [];
  readonly #nodes: Nodes;
  #deletedForGood = 0;

  constructor(history: History, milestones: Milestones, users: number) {
    this.#history = history;
    this.#nodes = new Nodes(history, milestones, users, (run) => this.#openLate(run));
  }

  /** Starts the sessions of a User, at once or within a day. */
  follow(user: SeedUser, isImmediate: boolean): void {
    this.#users.push(user);
    if (isImmediate) this.#visit(user);
    else this.#planVisit(user, this.#history.random.below(24 * HOUR));
  }

  /** A random User connects through a node that has been declared lost meanwhile. */
  #openLate(run: Incarnation): void {
    const user = this.#users[this.#history.random.below(this.#users.length)];
    if (user !== undefined && !user.isDeletedForGood) this.#open(user, user.devices[0], run);
  }

  #planVisit(user: SeedUser, afterMs: number): void {
    const { random, now } = this.#history;
    const hour = ((now + afterMs) / HOUR + user.utcOffset + 24) % 24;
    const asleep = hour < WAKING_HOUR && random.chance(0.9);
    const delay = asleep ? (WAKING_HOUR - hour) * HOUR + random.below(3 * HOUR) : 0;
    this.#history.schedule(Math.floor(afterMs + delay), () => this.#visit(user));
  }

  /** Schedules the next session, and starts this one. */
  #visit(user: SeedUser): void {
    if (user.isDeletedForGood) return;
    const { random } = this.#history;
    const length = random.between(...random.pick(SESSION_LENGTHS));
    const gap = random.between(...random.pick(GAPS));
    // One in seven sessions overlaps with the next, which may use another device.
    this.#planVisit(user, random.chance(0.15) ? Math.floor(length / 2) : length + gap);
    const device = random.pick(user.devices);
    const run = this.#nodes.pickAlive();
    if (run !== null) this.#session(user, device, run, length);
  }

  #session(user: SeedUser, device: Device, run: Incarnation, length: number): void {
    const { random } = this.#history;
    const end = this.#open(user, device, run);
    if (end === null) return;
    if (device.push !== null && random.chance(0.5)) {
      this.#history.schedule(random.between(1, 8) * SECOND, () => {
        if (isActive(user)) registerForPush(this.#history, user, device);
      });
    }
    if (random.chance(0.04)) {
      this.#history.schedule(Math.floor(length / 3), () => {
        if (isActive(user)) updateProfile(this.#history, user);
      });
    }
    this.#history.schedule(length, () => {
      const cause = random.pick(CLOSE_CAUSES);
      end(cause);
      if (cause === 'clean' && random.chance(0.04)) {
        unregisterFromPush(this.#history, user, device);
      }
      if (isActive(user) && random.chance(0.004)) this.#delete(user);
      if (isActive(user) && random.chance(0.004)) revokeTokens(this.#history, user);
    });
  }

  /** Two of five deletions are final, until a tenth of all Users is deleted for good. */
  #delete(user: SeedUser): void {
    const forGood =
      this.#history.random.chance(0.4) && this.#deletedForGood < this.#users.length / 10 - 1;
    if (forGood) this.#deletedForGood += 1;
    deleteUser(this.#history, user, forGood);
  }

  /** Opens a Connection; returns a function that closes it, or null if the history is full. */
  #open(user: SeedUser, device: Device, run: Incarnation): ((cause: CloseCause) => void) | null {
    const history = this.#history;
    const isHttp = device.transport === 'http' && isActive(user);
    const commandId = history.random.uuid();
    const connectionSid = deriveSid('CN', commandId);
    const { nodeId, incarnation, skewMs } = run;
    const openedAt = history.timestamp(skewMs);
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
      run.connections.delete(connectionSid);
      if (!isOpen(user, connectionSid)) return;
      const command = { type: 'CloseConnection', connectionSid, cause, lastSeenAt } as const;
      send(history, user, command, { actor, correlationId: connectionSid, skewMs });
    };
    if (isHttp) {
      const { keyActor } = user.service;
      return (cause) => {
        if (cause === 'clean') close('clean', keyActor, history.timestamp(skewMs));
        else close('expired', 'worker', history.timestamp(-HTTP_TTL_SECONDS * SECOND));
      };
    }
    run.connections.set(connectionSid, {
      close: (cause, actor) =>
        close(cause, actor, cause === 'node_lost' ? openedAt : history.timestamp(skewMs)),
    });
    // A process that has ended does not record the end of its sockets.
    return (cause) => {
      if (run.isAlive)
        close(cause, `node:${nodeId}`, history.timestamp(skewMs - silenceBeforeClose(cause)));
    };
  }
}

/** Milliseconds between the last sign of life of a client and the recorded close of its Connection. */
function silenceBeforeClose(cause: CloseCause): number {
  if (cause === 'timeout') return 20 * SECOND;
  return cause === 'abrupt' ? 5 * SECOND : 0;
}

function isActive({ subject }: SeedUser): boolean {
  return subject.state.status === 'active';
}

function isOpen({ subject: { state } }: SeedUser, sid: string): boolean {
  return state.status === 'active' && state.connections.some((open) => open.sid === sid);
}
