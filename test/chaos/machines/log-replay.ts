import { fieldsOf, textOf, type Fields } from '../../support/fields.ts';

/** A change of what a Service answers about a User. */
export interface ReplayedChange {
  readonly user: string;
  readonly version: string;
  readonly isOnline: boolean;
  readonly isNotifiable: boolean;
}

interface ReplayedUser {
  readonly identity: string;
  readonly connections: Map<string, { readonly counts: boolean }>;
  readonly bindings: Map<string, string>;
  readonly friendlyNames: Set<string>;
  /** How often each Connection was opened. */
  readonly opened: string[];
  friendlyName: string | null;
  isKnown: boolean;
}

/** State of one User at the end of the log. */
export interface ReplayedState {
  /** Null before the first Connection. */
  readonly isOnline: boolean | null;
  readonly isNotifiable: boolean | null;
  readonly friendlyName: string | null;
  /** Every name that the User ever had. */
  readonly friendlyNames: ReadonlySet<string>;
  readonly bindingAddresses: ReadonlySet<string>;
  /** Sids of all Connections that were ever opened. */
  readonly opened: readonly string[];
}

/** A loss of a node that the log holds. */
export interface ReplayedLoss {
  readonly nodeId: string;
  readonly at: number;
}

/**
 * Derives from the log of one Service, enabled before its first User, what must have been shown. It shares no code with
 * the product. The documents are those of `reachability events replay --json`.
 */
export class LogReplay {
  readonly changes: ReplayedChange[] = [];
  readonly losses: ReplayedLoss[] = [];
  readonly #users = new Map<string, ReplayedUser>();
  /** The latest incarnation of each node that has ended. */
  readonly #ended = new Map<string, number>();

  /** The documents that it was derived from. */
  readonly events: readonly unknown[];

  constructor(events: readonly unknown[]) {
    this.events = events;
    for (const event of events) this.#apply(fieldsOf(event));
  }

  /** State of each User, by identity. */
  get users(): Map<string, ReplayedState> {
    const states = [...this.#users.values()].map((user): [string, ReplayedState] => {
      const { identity, bindings, friendlyName, friendlyNames, opened } = user;
      return [
        identity,
        {
          ...answerOf(user),
          friendlyName,
          friendlyNames,
          bindingAddresses: new Set(bindings.values()),
          opened,
        },
      ];
    });
    return new Map(states);
  }

  #apply(event: Fields): void {
    const data = fieldsOf(event['data']);
    const type = textOf(event, 'type');
    if (type.startsWith('Node')) {
      this.#endIncarnations(type, data);
      if (type === 'NodeLost') {
        const at = Date.parse(textOf(event, 'occurred_at'));
        this.losses.push({ nodeId: textOf(data, 'nodeId'), at });
      }
      return;
    }
    if (!('userSid' in data)) return;
    const sid = textOf(data, 'userSid');
    if (type === 'UserCreated') this.#users.set(sid, newUser(data));
    const user = this.#users.get(sid);
    if (user === undefined) return;
    const before = answerOf(user);
    this.#evolve(user, type, data);
    const { isOnline, isNotifiable } = answerOf(user);
    if (isOnline === null || isNotifiable === null) return;
    if (isOnline === before.isOnline && isNotifiable === before.isNotifiable) return;
    const version = textOf(event, 'position');
    this.changes.push({ user: user.identity, version, isOnline, isNotifiable });
  }

  #endIncarnations(type: string, data: Fields): void {
    const nodeId = textOf(data, 'nodeId');
    const incarnation = Number(data['incarnation']) - (type === 'NodeStarted' ? 1 : 0);
    this.#ended.set(nodeId, Math.max(this.#ended.get(nodeId) ?? 0, incarnation));
  }

  #evolve(user: ReplayedUser, type: string, data: Fields): void {
    switch (type) {
      case 'UserUpdated': {
        const name = fieldsOf(data['changes'])['friendlyName'];
        if (typeof name !== 'string') break;
        user.friendlyName = name;
        user.friendlyNames.add(name);
        break;
      }
      case 'ConnectionOpened': {
        const counts = this.#isOfLivingNode(data['node']);
        user.connections.set(textOf(data, 'connectionSid'), { counts });
        user.opened.push(textOf(data, 'connectionSid'));
        user.isKnown ||= counts;
        break;
      }
      case 'ConnectionClosed':
        user.connections.delete(textOf(data, 'connectionSid'));
        break;
      case 'BindingRegistered':
        user.bindings.set(textOf(data, 'bindingSid'), textOf(data, 'address'));
        break;
      case 'BindingRemoved':
        user.bindings.delete(textOf(data, 'bindingSid'));
    }
  }

  #isOfLivingNode(node: unknown): boolean {
    if (node === null) return true;
    const { nodeId, incarnation } = fieldsOf(node);
    return Number(incarnation) > (this.#ended.get(String(nodeId)) ?? 0);
  }
}

function newUser(data: Fields): ReplayedUser {
  return {
    identity: textOf(data, 'identity'),
    connections: new Map(),
    bindings: new Map(),
    friendlyNames: new Set(),
    opened: [],
    friendlyName: null,
    isKnown: false,
  };
}

function answerOf({ isKnown, connections, bindings }: ReplayedUser): {
  readonly isOnline: boolean | null;
  readonly isNotifiable: boolean | null;
} {
  if (!isKnown) return { isOnline: null, isNotifiable: null };
  return {
    isOnline: [...connections.values()].some(({ counts }) => counts),
    isNotifiable: bindings.size > 0,
  };
}
