import { serviceOf, type Deed, type Step } from '../support/random-history.ts';

interface Person {
  /** Has connected since the Service was enabled. */
  known: boolean;
  readonly open: Set<number>;
  /** Opened by a start of a node that was over: they count as closed. */
  readonly ghosts: Set<number>;
  readonly bindings: Map<number, number>;
  lastSeen: string | null;
  reason: string;
  since: string;
}

/** What the service should answer, worked out from what was asked of it and nothing else. */
export class Oracle {
  readonly #people = new Map<number, Person>();
  /** Whether reachability is enabled, by Service that exists. */
  readonly #enabled = new Map<number, boolean>();
  readonly #deleted = new Set<number>();
  readonly #running = new Map<number, number>();
  readonly #starts = new Map<number, number>();
  readonly #over = new Set<string>();
  readonly #done = new Set<string>();
  #now = '';

  take({ commandId, deed, at }: Step): void {
    if (this.#done.has(commandId) || !this.#happens(deed, at)) return;
    this.#done.add(commandId);
    if (at > this.#now) this.#now = at;
    for (const [user, person] of this.#people) {
      const reason = this.#reasonOf(user, person);
      if (reason === person.reason) continue;
      person.reason = reason;
      person.since = this.#now;
    }
  }

  /** The answer about a User; null where there is no such User, or no such Service. */
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

  /** Whether the deed changes anything; if so, it has been done. */
  #happens(deed: Deed, at: string): boolean {
    if ('service' in deed) return this.#happensToService(deed);
    if ('node' in deed) return this.#happensToNode(deed);
    if (deed.do === 'createUser') return this.#create(deed.user);
    if (deed.do === 'open' && deed.vouched) this.#create(deed.user);
    const person = this.#people.get(deed.user);
    if (person === undefined) return false;
    const { open, ghosts, bindings } = person;
    switch (deed.do) {
      case 'deleteUser':
        return this.#people.delete(deed.user);
      case 'open': {
        const { from, connection } = deed;
        if (open.has(connection) || ghosts.has(connection)) return false;
        if (from !== null && this.#over.has(`${from.node}/${from.incarnation}`)) {
          ghosts.add(connection);
          return true;
        }
        open.add(connection);
        person.known ||= this.#enabled.get(serviceOf(deed.user)) === true;
        return true;
      }
      case 'close':
        if (ghosts.delete(deed.connection)) return true;
        if (!open.delete(deed.connection)) return false;
        if (at > (person.lastSeen ?? '')) person.lastSeen = at;
        return true;
      case 'bind':
        if (bindings.get(deed.binding) === deed.endpoint) return false;
        bindings.set(deed.binding, deed.endpoint);
        return true;
      case 'unbind':
        return bindings.delete(deed.binding);
    }
  }

  #create(user: number): boolean {
    if (this.#people.has(user)) return false;
    const nothing = { open: new Set<number>(), ghosts: new Set<number>() };
    const nobody = { known: false, lastSeen: null, reason: '', since: '' };
    this.#people.set(user, { ...nobody, ...nothing, bindings: new Map() });
    return true;
  }

  #happensToService(deed: Extract<Deed, { service: number }>): boolean {
    const { service } = deed;
    if (deed.do === 'createService') {
      if (this.#enabled.has(service) || this.#deleted.has(service)) return false;
      this.#enabled.set(service, false);
      return true;
    }
    if (deed.do === 'deleteService') {
      this.#deleted.add(service);
      return this.#enabled.delete(service);
    }
    const enabled = deed.do === 'enable';
    if ((this.#enabled.get(service) ?? enabled) === enabled) return false;
    this.#enabled.set(service, enabled);
    for (const [user, person] of this.#people) {
      if (serviceOf(user) === service) person.known = false;
    }
    return true;
  }

  #happensToNode(deed: Extract<Deed, { do: 'startNode' | 'loseNode' | 'stopNode' }>): boolean {
    const { node } = deed;
    const running = this.#running.get(node);
    if (deed.do !== 'startNode' && deed.incarnation !== running) return false;
    this.#over.add(`${node}/${running}`);
    this.#running.delete(node);
    if (deed.do !== 'startNode') return true;
    const start = (this.#starts.get(node) ?? 0) + 1;
    this.#starts.set(node, start);
    this.#running.set(node, start);
    return true;
  }
}
