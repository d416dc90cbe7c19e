import type { Incarnation } from '#domain';
import type { LocalNode } from '../../cluster/local-node.ts';
import type { KeyedRateLimiter } from '../../platform/keyed-rate-limiter.ts';
import { LimitExceededError } from '../../platform/limit-exceeded-error.ts';
import type { KeyedCounter } from '../../platform/keyed-counter.ts';
import type { ServiceRules, ServiceRulesCache } from './service-rules.ts';
import { NotServingError, TooManyConnectionsError } from './session-errors.ts';

/** The parts with which a session is opened. */
interface Admission {
  readonly service: ServiceRules;
  readonly node: Incarnation;
}

/** Admits sessions while this process serves, up to the maximum and the rate for each User. */
export class AdmissionControl {
  readonly #node: LocalNode;
  /** Connections by sid of the User. */
  readonly #connections: KeyedCounter;
  /** Connects by sid of the User. */
  readonly #connects: KeyedRateLimiter;
  readonly #rules: ServiceRulesCache;
  #hasStopped = false;

  constructor(
    node: LocalNode,
    connections: KeyedCounter,
    connects: KeyedRateLimiter,
    rules: ServiceRulesCache,
  ) {
    this.#node = node;
    this.#connections = connections;
    this.#connects = connects;
    this.#rules = rules;
  }

  /** Whether sessions are opened and resumed. */
  get isOpen(): boolean {
    return !this.#hasStopped && this.#node.current !== null;
  }

  /** Admits no session from now on. */
  stopAdmitting(): void {
    this.#hasStopped = true;
  }

  /**
   * Pair every call with {@link release} when the session ends.
   *
   * @throws TooManyConnectionsError
   * @throws LimitExceededError `too_many_connects`
   * @throws DomainError `SERVICE.NOT_FOUND`
   * @throws NotServingError when the process stops or its node was declared lost
   */
  async admit(serviceSid: string, userSid: string): Promise<Admission> {
    if (!this.#connections.add(userSid)) throw new TooManyConnectionsError();
    let service: ServiceRules | null = null;
    try {
      service = await this.#rules.retain(serviceSid);
      const node = this.#node.current;
      if (this.#hasStopped) throw new NotServingError('node_stopping');
      if (node === null) throw new NotServingError('node_lost');
      // Last, so that only Connections that are recorded count.
      if (!this.#connects.take(userSid)) {
        throw new LimitExceededError('too_many_connects', this.#connects.retryAfterSeconds);
      }
      return { service, node };
    } catch (error) {
      this.#connections.remove(userSid);
      if (service !== null) this.#rules.release(service);
      throw error;
    }
  }

  release(session: { readonly service: ServiceRules; readonly userSid: string }): void {
    this.#rules.release(session.service);
    this.#connections.remove(session.userSid);
  }
}
