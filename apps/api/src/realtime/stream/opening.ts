import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { AccessToken } from '../../tokens/access-tokens.ts';
import type { GatewaySocket } from '../gateway-socket.ts';
import type { Session } from '../session.ts';
import type { Sessions } from '../sessions.ts';
import { beginningFrom, type Beginning } from './beginning.ts';
import { StreamClient } from './stream-client.ts';
import type { StreamContext } from './stream-context.ts';
import { turnAway } from './turn-away.ts';

/** Milliseconds between two attempts to learn how a Service stands. */
const JOIN_AGAIN_MS = 1_000;

/** What a client has asked for by opening its socket. */
export interface Asked {
  readonly deviceId: string | null;
  /** Sid of the Connection to go on with. */
  readonly resume: string | null;
  /** Version up to which it knows everything. */
  readonly since: string | null;
}

/** Lets clients in: those that come back to the Connection that they had, and those that open one. */
export class Opening {
  readonly #logger = new Logger(Opening.name);
  readonly #context: StreamContext;
  readonly #sessions: Sessions;

  constructor(context: StreamContext, sessions: Sessions) {
    this.#context = context;
    this.#sessions = sessions;
  }

  async open(socket: GatewaySocket, token: AccessToken, asked: Asked): Promise<void> {
    if (socket.readyState !== socket.OPEN) return;
    if (await this.#goneOn(socket, token, asked)) return;
    const client = new StreamClient(this.#context, socket);
    let session: Session;
    try {
      session = await this.#sessions.open(token, 'stream', asked.deviceId, client);
    } catch (error) {
      turnAway(this.#context, socket, error, this.#logger);
      return;
    }
    if (!client.begin(session)) return;
    if (!(await this.#join(client, session))) void this.#joinLater(client, session);
    client.ready();
  }

  /** Lets a client go on with the Connection that it names, if it can. */
  async #goneOn(
    socket: GatewaySocket,
    token: AccessToken,
    { resume, since }: Asked,
  ): Promise<boolean> {
    const client = resume === null ? undefined : this.#context.clients.get(resume);
    if (resume === null || client === undefined) return false;
    if (this.#sessions.resume(token, resume, client) === null) return false;
    const { hub } = this.#context;
    client.goOn(socket);
    const from = await beginningFrom(hub, since).catch((error: unknown): Beginning => {
      this.#logger.warn(`${resume} begins anew: ${String(error)}`);
      return { since: null, reason: 'gap' };
    });
    await hub.whole();
    if (client.socket === socket) client.readyAgain(from);
    return true;
  }

  /** Lets a client be told when its Service is switched; false where it is not known yet how that stands. */
  async #join(client: StreamClient, session: Session): Promise<boolean> {
    const { hub } = this.#context;
    const { serviceSid } = session;
    try {
      await hub.join(client, serviceSid);
    } catch (error) {
      this.#logger.warn(`It is not known yet how ${serviceSid} stands: ${String(error)}`);
      return false;
    }
    if (client.session !== session) hub.leave(client, serviceSid);
    return true;
  }

  /**
   * To be online takes no read model: where that is too far behind to begin from, a client is let in all the same,
   * and told how its Service stands once that is known.
   */
  async #joinLater(client: StreamClient, session: Session): Promise<void> {
    do {
      await delay(JOIN_AGAIN_MS, undefined, { ref: false });
      if (client.session !== session) return;
    } while (!(await this.#join(client, session)));
    const service = this.#context.hub.service(session.serviceSid);
    if (service !== null) client.switched(service);
  }
}
