import fc from 'fast-check';
import {
  DomainError,
  nodeAggregate,
  nodeStream,
  serviceAggregate,
  serviceStream,
  userAggregate,
  userSid,
  userStream,
  type NodeCommand,
  type ServiceCommand,
  type UserCommand,
} from '#domain';
import { AggregateCommandHandler, type CommandContext, type EventStore } from '#event-store';

const SERVICES = [0, 1] as const;
const USERS = [0, 1, 2] as const;

/** A requested change. Numbers identify things: User n belongs to Service n modulo 2. */
export type Action =
  | {
      readonly do: 'createService' | 'enable' | 'disable' | 'deleteService';
      readonly service: number;
    }
  | { readonly do: 'createUser' | 'deleteUser'; readonly user: number }
  | {
      readonly do: 'open';
      readonly user: number;
      readonly connection: number;
      /** An incarnation of a node, which may have ended; null for a Connection opened over HTTP. */
      readonly from: { readonly node: number; readonly incarnation: number } | null;
      /** Whether a missing User is created, as for a valid token. */
      readonly vouched: boolean;
    }
  | { readonly do: 'close'; readonly user: number; readonly connection: number }
  | {
      readonly do: 'bind';
      readonly user: number;
      readonly binding: number;
      readonly endpoint: number;
    }
  | { readonly do: 'unbind'; readonly user: number; readonly binding: number }
  | { readonly do: 'startNode'; readonly node: number }
  | { readonly do: 'loseNode' | 'stopNode'; readonly node: number; readonly incarnation: number };

/** An action with its command id and the time of the clock of its sender. */
export interface Step {
  readonly commandId: string;
  readonly at: string;
  readonly action: Action;
}

const service = fc.constantFrom(...SERVICES);
const user = fc.constantFrom(...USERS);
const connection = fc.nat({ max: 1 });
const binding = fc.nat({ max: 1 });
const node = fc.nat({ max: 1 });
const incarnation = fc.integer({ min: 1, max: 3 });

function weighted<T>(weight: number, model: { [K in keyof T]: fc.Arbitrary<T[K]> }) {
  return { weight, arbitrary: fc.record<T>(model) };
}

/** Weighted so that all four reasons of an answer are common; deletions are rare. */
const anyAction: fc.Arbitrary<Action> = fc.oneof(
  weighted(1, { do: fc.constantFrom('createService', 'createService', 'deleteService'), service }),
  weighted(3, { do: fc.constantFrom('enable', 'disable'), service }),
  weighted(3, { do: fc.constantFrom('createUser', 'createUser', 'deleteUser'), user }),
  weighted(14, {
    do: fc.constant('open'),
    user,
    connection,
    from: fc.option(fc.record({ node, incarnation }), { freq: 1 }),
    vouched: fc.boolean(),
  }),
  weighted(18, { do: fc.constant('close'), user, connection }),
  weighted(3, { do: fc.constant('bind'), user, binding, endpoint: fc.nat({ max: 1 }) }),
  weighted(3, { do: fc.constant('unbind'), user, binding }),
  weighted(2, { do: fc.constant('startNode'), node }),
  weighted(2, { do: fc.constantFrom('loseNode', 'stopNode'), node, incarnation }),
);

const START: readonly Action[] = [
  ...SERVICES.map((service) => ({ do: 'createService', service }) as const),
  ...USERS.map((user) => ({ do: 'createUser', user }) as const),
  { do: 'enable', service: 0 },
  { do: 'startNode', node: 0 },
];

/**
 * Random histories of two Services. Clocks differ by minutes, and sometimes one of the latest commands is sent again
 * unchanged.
 */
export function anyHistory(maxLength: number): fc.Arbitrary<readonly Step[]> {
  const entry = fc.record({
    action: anyAction,
    minute: fc.nat({ max: 59 }),
    repeats: fc.oneof(
      { weight: 8, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.nat({ max: 9 }) },
    ),
  });
  return fc.array(entry, { maxLength, size: 'max' }).map((entries) => {
    const initial = START.map((action) => ({ action, minute: 0, repeats: null }));
    const steps: Step[] = [];
    for (const { action, minute, repeats } of [...initial, ...entries]) {
      const at = new Date(Date.UTC(2026, 2, 4, 5, minute, steps.length)).toISOString();
      const before = repeats === null ? undefined : steps.at(-1 - repeats);
      steps.push({ action, commandId: `command-${steps.length}`, ...before, at });
    }
    return steps;
  });
}

const hex = (n: number): string => n.toString(16).padStart(32, '0');
export const serviceSidOf = (service: number): string => `IS${hex(service + 1)}`;
export const serviceOf = (user: number): number => user % SERVICES.length;
export const userSidOf = (user: number): string =>
  userSid(serviceSidOf(serviceOf(user)), `user ${user}`);
export const connectionSidOf = (user: number, connection: number): string =>
  `CN${hex(user * 16 + connection)}`;
const bindingSidOf = (user: number, binding: number): string => `BS${hex(user * 16 + binding)}`;

/** Runs steps through the deciders, as the service does. */
export class ActionRunner {
  readonly #services;
  readonly #users;
  readonly #nodes;
  #now = '';

  constructor(store: EventStore) {
    const clock = (): Date => new Date(this.#now);
    this.#services = new AggregateCommandHandler(serviceAggregate, store, clock);
    this.#users = new AggregateCommandHandler(userAggregate, store, clock);
    this.#nodes = new AggregateCommandHandler(nodeAggregate, store, clock);
  }

  /** Runs a step and ignores domain errors. */
  async run({ action, commandId, at }: Step): Promise<void> {
    this.#now = at;
    const context: CommandContext = { commandId, correlationId: commandId, actor: 'cli' };
    try {
      if ('service' in action) {
        const sid = serviceSidOf(action.service);
        await this.#services.handle(serviceStream(sid), serviceCommand(action, sid), context);
      } else if ('user' in action) {
        const stream = userStream(userSidOf(action.user));
        await this.#users.handle(stream, userCommand(action, at), context);
      } else {
        const nodeId = `node-${action.node}`;
        await this.#nodes.handle(nodeStream(nodeId), nodeCommand(action, nodeId), context);
      }
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
  }
}

function serviceCommand(
  action: Extract<Action, { service: number }>,
  serviceSid: string,
): ServiceCommand {
  switch (action.do) {
    case 'createService':
      return { type: 'CreateService', serviceSid, friendlyName: serviceSid };
    case 'enable':
      return { type: 'EnableReachability' };
    case 'disable':
      return { type: 'DisableReachability' };
    case 'deleteService':
      return { type: 'DeleteService' };
  }
}

function userCommand(action: Extract<Action, { user: number }>, at: string): UserCommand {
  const newUser = {
    serviceSid: serviceSidOf(serviceOf(action.user)),
    identity: `user ${action.user}`,
  };
  switch (action.do) {
    case 'createUser':
      return { type: 'CreateUser', ...newUser };
    case 'deleteUser':
      return { type: 'DeleteUser', at };
    case 'open': {
      const { from, vouched } = action;
      return {
        type: 'OpenConnection',
        connectionSid: connectionSidOf(action.user, action.connection),
        transport: from === null ? 'http' : 'stream',
        node: from === null ? null : { nodeId: `node-${from.node}`, incarnation: from.incarnation },
        deviceId: `device ${action.connection}`,
        ttlSeconds: from === null ? 300 : null,
        ...(vouched ? { createAs: newUser } : {}),
      };
    }
    case 'close': {
      const connectionSid = connectionSidOf(action.user, action.connection);
      return { type: 'CloseConnection', connectionSid, cause: 'abrupt', lastSeenAt: at };
    }
    case 'bind':
      return {
        type: 'RegisterBinding',
        bindingSid: bindingSidOf(action.user, action.binding),
        bindingType: 'fcm',
        address: `address ${action.binding}`,
        endpoint: `endpoint ${action.endpoint}`,
      };
    case 'unbind':
      return { type: 'RemoveBinding', bindingSid: bindingSidOf(action.user, action.binding) };
  }
}

function nodeCommand(action: Extract<Action, { node: number }>, nodeId: string): NodeCommand {
  if (action.do === 'startNode') return { type: 'StartNode', nodeId };
  const type = action.do === 'loseNode' ? 'LoseNode' : 'StopNode';
  return { type, nodeId, incarnation: action.incarnation };
}
