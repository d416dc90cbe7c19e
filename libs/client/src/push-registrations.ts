import { ReachabilityError } from './errors.ts';
import type { PushType, RequestFrame } from './protocol/client-frames.ts';
import type { Requests } from './requests.ts';

/** A device of the own User that takes pushes. The server keeps it until it is unset, connected or not. */
export interface PushRegistration {
  /** The Binding's sid; kept by the application, it can be unset by a later client. */
  readonly sid: string;
  readonly type: PushType;
  readonly address: string;
}

/** Registers this device for pushes, one address for each type. */
export class PushRegistrations {
  readonly #requests: Requests;
  readonly #byType = new Map<PushType, PushRegistration>();

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  async set(type: PushType, address: string, endpoint?: string): Promise<PushRegistration> {
    const request: RequestFrame = {
      type: 'bind',
      binding_type: type,
      address,
      ...(endpoint === undefined ? {} : { endpoint }),
    };
    const registration = await this.#requests.ask(request, (answer) =>
      answer.type === 'bound' ? { sid: answer.sid, type, address } : undefined,
    );
    const former = this.#byType.get(type);
    this.#byType.set(type, registration);
    if (former !== undefined && former.sid !== registration.sid) await this.#remove(former.sid);
    return registration;
  }

  /** @param which a type that this client has registered, or the sid of any Binding of the own User */
  async unset(which: string): Promise<void> {
    const registration = [...this.#byType.values()].find(
      ({ type, sid }) => type === which || sid === which,
    );
    const sid = registration?.sid ?? which;
    if (!sid.startsWith('BS')) {
      const message = `This client has registered nothing of type ${JSON.stringify(which)}`;
      throw new ReachabilityError('not_found', message);
    }
    await this.#remove(sid);
    if (registration !== undefined) this.#byType.delete(registration.type);
  }

  async #remove(sid: string): Promise<void> {
    try {
      await this.#requests.ask(
        { type: 'unbind', sid },
        ({ type }) => type === 'unbound' || undefined,
      );
    } catch (error) {
      // Removed before, perhaps by this very request on a connection that was lost: it is gone as was wanted.
      if (!(error instanceof ReachabilityError) || error.code !== 'not_found') throw error;
    }
  }
}
