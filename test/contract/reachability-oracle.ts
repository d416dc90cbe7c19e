import { serviceOf, type Action, type Step } from '../support/random-history.ts';

interface Person {
  /** Whether the User has connected since the Service was enabled. */
  known: boolean;
  readonly open: Set<number>;
  /** Connections of an ended incarnation, which count as closed. */
  readonly ghosts: Set<number>;
  readonly bindings: Map<number, number>;
  lastSeen: string | null;
  reason: string;
  since: string;
}

/** Expected answers of the service, computed from the requested actions alone. */
export class ReachabilityOracle {
  readonly #people = new Map<number, Person>();
  /** For each existing Service, whether reachability is enabled. */
  readonly #enabled = new Map<number, boolean>();
  readonly #deleted = new Set<number>();
  readonly #running = new Map<number, number>();
  readonly #starts = new Map<number, number>();
  readonly #endedIncarnations = new Set<string>();
  readonly #appliedCommands = new Set<string>();
  #now = '';

  apply({ commandId, action, at }: Step): void {
    if (this.#appliedCommands.has(commandId) || !this.#applyAction(action, at)) return;
    this.#appliedCommands.add(commandId);
    if (at > this.#now) this.#now = at;
    for (const [user, person] of this.#people) {
      const reason = this.#reasonOf(user, person);
      if (reason === person.reason) continue;
      person.reason = reason;
      person.since = this.#now;
    }
  }

  /** The answer about a User; null if the User or its Service does not exist. */
  answer(user: number) {
    const person = this.#people.get(user);
    if (person === undefined || !this.#enabled.has(serviceOf(user))) return null;
    const { reason: reasonCode, since, open, bindings, lastSeen } = person;
    const known = reasonCode === 'online' || reasonCode === 'offline';
    return {
      isOnline: known ? open.size > 0 : null,
      isNotifiable: known ? bindings.size > 0 : null,
      reasonCode,
      since,
      lastOnline: reasonCode === 'offline' ? lastSeen : null,
      openConnections: open.size,
    };
  }

  #reasonOf(user: number, { known, open }: Person): string {
    if (this.#enabled.get(serviceOf(user)) !== true) return 'disabled';
    if (!known) return 'not_connected_since_enabled';
    return open.size > 0 ? 'online' : 'offline';
  }

  /** Applies an action. Returns whether it changed anything. */
  #applyAction(action: Action, at: string): boolean {
    if ('service' in action) return this.#applyToService(action);
    if ('node' in action) return this.#applyToNode(action);
    if (action.do === 'createUser') return this.#createUser(action.user);
    if (action.do === 'open' && action.vouched) this.#createUser(action.user);
    const person = this.#people.get(action.user);
    if (person === undefined) return false;
    const { open, ghosts, bindings } = person;
    switch (action.do) {
      case 'deleteUser':
        return this.#people.delete(action.user);
      case 'open': {
        const { from, connection } = action;
        if (open.has(connection) || ghosts.has(connection)) return false;
        if (from !== null && this.#endedIncarnations.has(`${from.node}/${from.incarnation}`)) {
          ghosts.add(connection);
          return true;
        }
        open.add(connection);
        person.known ||= this.#enabled.get(serviceOf(action.user)) === true;
        return true;
      }
      case 'close':
        if (ghosts.delete(action.connection)) return true;
        if (!open.delete(action.connection)) return false;
        if (at > (person.lastSeen ?? '')) person.lastSeen = at;
        return true;
      case 'bind':
        if (bindings.get(action.binding) === action.endpoint) return false;
        bindings.set(action.binding, action.endpoint);
        return true;
      case 'unbind':
        return bindings.delete(action.binding);
    }
  }

  #createUser(user: number): boolean {
    if (this.#people.has(user)) return false;
    const noConnections = { open: new Set<number>(), ghosts: new Set<number>() };
    const newPerson = { known: false, lastSeen: null, reason: '', since: '' };
    this.#people.set(user, { ...newPerson, ...noConnections, bindings: new Map() });
    return true;
  }

  #applyToService(action: Extract<Action, { service: number }>): boolean {
    const { service } = action;
    if (action.do === 'createService') {
      if (this.#enabled.has(service) || this.#deleted.has(service)) return false;
      this.#enabled.set(service, false);
      return true;
    }
    if (action.do === 'deleteService') {
      this.#deleted.add(service);
      return this.#enabled.delete(service);
    }
    const enabled = action.do === 'enable';
    if ((this.#enabled.get(service) ?? enabled) === enabled) return false;
    this.#enabled.set(service, enabled);
    for (const [user, person] of this.#people) {
      if (serviceOf(user) === service) person.known = false;
    }
    return true;
  }

  #applyToNode(action: Extract<Action, { do: 'startNode' | 'loseNode' | 'stopNode' }>): boolean {
    const { node } = action;
    const running = this.#running.get(node);
    if (action.do !== 'startNode' && action.incarnation !== running) return false;
    this.#endedIncarnations.add(`${node}/${running}`);
    this.#running.delete(node);
    if (action.do !== 'startNode') return true;
    const start = (this.#starts.get(node) ?? 0) + 1;
    this.#starts.set(node, start);
    this.#running.set(node, start);
    return true;
  }
}
