/** Expected state of a User. */
export interface Expected {
  readonly isOnline: boolean | null;
  readonly isNotifiable: boolean | null;
}

interface ModelUser {
  connectedAt: number;
  readonly connections: Set<string>;
  readonly bindings: Set<string>;
}

/** The shortest form of the reachability rules, against which the program is tested. */
export class ReachabilityModel {
  readonly #users = new Map<string, ModelUser>();
  #enabled = false;
  #switchedAt = 0;
  #clock = 0;

  connect(user: string, connection: string): void {
    const { connections } = this.#touch(user);
    connections.add(connection);
    this.#touch(user).connectedAt = ++this.#clock;
  }

  disconnect(user: string, connection: string): void {
    this.#touch(user).connections.delete(connection);
  }

  bind(user: string, binding: string): void {
    this.#touch(user).bindings.add(binding);
  }

  unbind(user: string, binding: string): void {
    this.#touch(user).bindings.delete(binding);
  }

  switch(enabled: boolean): void {
    if (enabled === this.#enabled) return;
    this.#enabled = enabled;
    this.#switchedAt = ++this.#clock;
  }

  answer(name: string): Expected | undefined {
    const user = this.#users.get(name);
    if (user === undefined) return undefined;
    const known = this.#enabled && user.connectedAt > this.#switchedAt;
    return {
      isOnline: known ? user.connections.size > 0 : null,
      isNotifiable: known ? user.bindings.size > 0 : null,
    };
  }

  #touch(name: string): ModelUser {
    const user = this.#users.get(name);
    if (user !== undefined) return user;
    const created = { connectedAt: 0, connections: new Set<string>(), bindings: new Set<string>() };
    this.#users.set(name, created);
    return created;
  }
}
