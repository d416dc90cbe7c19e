import { userSid, type Incarnation } from '#domain';
import type { LocalNode } from '../../cluster/local-node.ts';
import type { AccessToken } from '../../platform/access-tokens/access-tokens.ts';
import { NotServingError } from './not-serving-error.ts';
import type { ServiceGrace, ServiceGraces } from './service-graces.ts';
import { TooManyConnectionsError } from './too-many-connections-error.ts';
import type { UserConnections } from '../sockets/user-connections.ts';

/** What a session is opened with. */
export interface AdmittedSession {
  readonly service: ServiceGrace;
  readonly node: Incarnation;
}

/** Admits sessions while this process serves, as many of a User as it may have. */
export class AdmissionControl {
  readonly #node: LocalNode;
  readonly #users: UserConnections;
  readonly #graces: ServiceGraces;
  #isRefusing = false;

  constructor(node: LocalNode, users: UserConnections, graces: ServiceGraces) {
    this.#node = node;
    this.#users = users;
    this.#graces = graces;
  }

  /** Whether sessions are opened and resumed. */
  get isOpen(): boolean {
    return !this.#isRefusing && this.#node.current !== null;
  }

  /** Admits nobody from now on. */
  refuse(): void {
    this.#isRefusing = true;
  }

  /**
   * To be made good by {@link release} once the session is over, however that came.
   *
   * @throws TooManyConnectionsError
   * @throws DomainError `SERVICE.NOT_FOUND`
   * @throws NotServingError when the process stops or was given up
   */
  async admit({ serviceSid, identity }: AccessToken): Promise<AdmittedSession> {
    const user = userSid(serviceSid, identity);
    if (!this.#users.add(user)) throw new TooManyConnectionsError();
    let service: ServiceGrace | null = null;
    try {
      service = await this.#graces.retain(serviceSid);
      const node = this.#node.current;
      if (this.#isRefusing) throw new NotServingError('node stops');
      if (node === null) throw new NotServingError('node lost');
      return { service, node };
    } catch (error) {
      this.#users.remove(user);
      if (service !== null) this.#graces.release(service);
      throw error;
    }
  }

  release(session: { readonly service: ServiceGrace; readonly userSid: string }): void {
    this.#graces.release(session.service);
    this.#users.remove(session.userSid);
  }
}
