import { ReachabilityError } from './errors.ts';
import type { PushType, RequestFrame } from './protocol/client-frames.ts';
import type { Requests } from './requests.ts';

/** A device of the own User that receives pushes. The server keeps it, connected or not, until it is unset. */
export interface PushRegistration {
  /** Sid of the Binding. Keep it if a later client must unset the registration. */
  readonly sid: string;
  readonly type: PushType;
  readonly address: string;
}

/** Push registrations of this client, one for each type. */
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
    const registration = await this.#requests.send(request, (answer) =>
      answer.type === 'bound' ? { sid: answer.sid, type, address } : undefined,
    );
    const former = this.#byType.get(type);
    this.#byType.set(type, registration);
    if (former !== undefined && former.sid !== registration.sid) await this.#remove(former.sid);
    return registration;
  }

  /** @param which a type that this client registered, or the sid of any Binding of the own User */
  async unset(which: string): Promise<void> {
    const registration = [...this.#byType.values()].find(
      ({ type, sid }) => type === which || sid === which,
    );
    const sid = registration?.sid ?? which;
    if (!sid.startsWith('BS')) {
      const message = `This client has no push registration of type ${JSON.stringify(which)}`;
      throw new ReachabilityError('not_found', message);
    }
    await this.#remove(sid);
    if (registration !== undefined) this.#byType.delete(registration.type);
  }

  async #remove(sid: string): Promise<void> {
    try {
      await this.#requests.send(
        { type: 'unbind', sid },
        ({ type }) => type === 'unbound' || undefined,
      );
    } catch (error) {
      // Removed already, perhaps by this request on a connection that was lost.
      if (!(error instanceof ReachabilityError) || error.code !== 'not_found') throw error;
    }
  }
}
