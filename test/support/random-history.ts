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

/** What somebody asks for. Numbers name things: User n belongs to Service n modulo 2. */
export type Deed =
  | {
      readonly do: 'createService' | 'enable' | 'disable' | 'deleteService';
      readonly service: number;
    }
  | { readonly do: 'createUser' | 'deleteUser'; readonly user: number }
  | {
      readonly do: 'open';
      readonly user: number;
      readonly connection: number;
      /** A start of a node, which may be over, or null for a Connection opened over HTTP. */
      readonly from: { readonly node: number; readonly incarnation: number } | null;
      /** A token vouches for the User, who is created when missing. */
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

/** A deed under a command id, at a time of the clock of whoever does it. */
export interface Step {
  readonly commandId: string;
  readonly at: string;
  readonly deed: Deed;
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

/** Weighted so that all four reasons of an answer are common; what ends a Service or a User is rare. */
const deed: fc.Arbitrary<Deed> = fc.oneof(
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

const START: readonly Deed[] = [
  ...SERVICES.map((service) => ({ do: 'createService', service }) as const),
  ...USERS.map((user) => ({ do: 'createUser', user }) as const),
  { do: 'enable', service: 0 },
  { do: 'startNode', node: 0 },
];

/**
 * What may happen to two Services: clocks that disagree by minutes, and now and then one of the latest commands
 * sent again as it was.
 */
export function anyHistory(maxLength: number): fc.Arbitrary<readonly Step[]> {
  const entry = fc.record({
    deed,
    minute: fc.nat({ max: 59 }),
    repeats: fc.oneof(
      { weight: 8, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.nat({ max: 9 }) },
    ),
  });
  return fc.array(entry, { maxLength, size: 'max' }).map((entries) => {
    const began = START.map((deed) => ({ deed, minute: 0, repeats: null }));
    const steps: Step[] = [];
    for (const { deed, minute, repeats } of [...began, ...entries]) {
      const at = new Date(Date.UTC(2026, 2, 4, 5, minute, steps.length)).toISOString();
      const before = repeats === null ? undefined : steps.at(-1 - repeats);
      steps.push({ deed, commandId: `command-${steps.length}`, ...before, at });
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

/** Carries out steps through the deciders, as the service does. */
export class Doer {
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

  /** Does what the rules allow and leaves what they refuse. */
  async perform({ deed, commandId, at }: Step): Promise<void> {
    this.#now = at;
    const context: CommandContext = { commandId, correlationId: commandId, actor: 'cli' };
    try {
      if ('service' in deed) {
        const sid = serviceSidOf(deed.service);
        await this.#services.handle(serviceStream(sid), serviceCommand(deed, sid), context);
      } else if ('user' in deed) {
        const stream = userStream(userSidOf(deed.user));
        await this.#users.handle(stream, userCommand(deed, at), context);
      } else {
        const nodeId = `node-${deed.node}`;
        await this.#nodes.handle(nodeStream(nodeId), nodeCommand(deed, nodeId), context);
      }
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
  }
}

function serviceCommand(
  deed: Extract<Deed, { service: number }>,
  serviceSid: string,
): ServiceCommand {
  switch (deed.do) {
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

function userCommand(deed: Extract<Deed, { user: number }>, at: string): UserCommand {
  const newUser = {
    serviceSid: serviceSidOf(serviceOf(deed.user)),
    identity: `user ${deed.user}`,
  };
  switch (deed.do) {
    case 'createUser':
      return { type: 'CreateUser', ...newUser };
    case 'deleteUser':
      return { type: 'DeleteUser', at };
    case 'open': {
      const { from, vouched } = deed;
      return {
        type: 'OpenConnection',
        connectionSid: connectionSidOf(deed.user, deed.connection),
        transport: from === null ? 'http' : 'stream',
        node: from === null ? null : { nodeId: `node-${from.node}`, incarnation: from.incarnation },
        deviceId: `device ${deed.connection}`,
        ttlSeconds: from === null ? 300 : null,
        ...(vouched ? { createAs: newUser } : {}),
      };
    }
    case 'close': {
      const connectionSid = connectionSidOf(deed.user, deed.connection);
      return { type: 'CloseConnection', connectionSid, cause: 'abrupt', lastSeenAt: at };
    }
    case 'bind':
      return {
        type: 'RegisterBinding',
        bindingSid: bindingSidOf(deed.user, deed.binding),
        bindingType: 'fcm',
        address: `address ${deed.binding}`,
        endpoint: `endpoint ${deed.endpoint}`,
      };
    case 'unbind':
      return { type: 'RemoveBinding', bindingSid: bindingSidOf(deed.user, deed.binding) };
  }
}

function nodeCommand(deed: Extract<Deed, { node: number }>, nodeId: string): NodeCommand {
  if (deed.do === 'startNode') return { type: 'StartNode', nodeId };
  const type = deed.do === 'loseNode' ? 'LoseNode' : 'StopNode';
  return { type, nodeId, incarnation: deed.incarnation };
}
