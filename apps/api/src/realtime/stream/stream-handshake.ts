import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { AccessToken } from '../../platform/access-tokens/access-tokens.ts';
import type { GatewaySocket } from '../sockets/gateway-socket.ts';
import type { SessionHandle } from '../sessions/session-handle.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { resumePointFrom, type ResumePoint } from './resume-point.ts';
import { StreamClient } from './stream-client.ts';
import type { StreamContext } from './stream-context.ts';
import { rejectHandshake } from './reject-handshake.ts';

/** Milliseconds between two attempts to learn how a Service stands. */
const JOIN_AGAIN_MS = 1_000;

/** What a client has asked for by opening its socket. */
export interface HandshakeRequest {
  readonly deviceId: string | null;
  /** Sid of the Connection to go on with. */
  readonly resume: string | null;
  /** Version up to which it knows everything. */
  readonly since: string | null;
}

/** Lets clients in: those that come back to the Connection that they had, and those that open one. */
export class StreamHandshake {
  readonly #logger = new Logger(StreamHandshake.name);
  readonly #context: StreamContext;
  readonly #sessions: Sessions;

  constructor(context: StreamContext, sessions: Sessions) {
    this.#context = context;
    this.#sessions = sessions;
  }

  async open(socket: GatewaySocket, token: AccessToken, asked: HandshakeRequest): Promise<void> {
    if (socket.readyState !== socket.OPEN) return;
    if (await this.#goneOn(socket, token, asked)) return;
    const client = new StreamClient(this.#context, socket);
    let session: SessionHandle;
    try {
      session = await this.#sessions.open(token, 'stream', asked.deviceId, client);
    } catch (error) {
      rejectHandshake(this.#context, socket, error, this.#logger);
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
    { resume, since }: HandshakeRequest,
  ): Promise<boolean> {
    const client = resume === null ? undefined : this.#context.clients.get(resume);
    if (resume === null || client === undefined) return false;
    if (this.#sessions.resume(token, resume, client) === null) return false;
    const { hub } = this.#context;
    client.goOn(socket);
    const from = await resumePointFrom(hub, since).catch((error: unknown): ResumePoint => {
      this.#logger.warn(`${resume} begins anew: ${String(error)}`);
      return { since: null, reason: 'gap' };
    });
    await hub.settled();
    if (client.socket === socket) client.readyAgain(from);
    return true;
  }

  /** Lets a client be told when its Service is switched; false where it is not known yet how that stands. */
  async #join(client: StreamClient, session: SessionHandle): Promise<boolean> {
    const { hub } = this.#context;
    const { serviceSid } = session;
    try {
      await hub.joinService(client, serviceSid);
    } catch (error) {
      this.#logger.warn(`It is not known yet how ${serviceSid} stands: ${String(error)}`);
      return false;
    }
    if (client.session !== session) hub.leaveService(client, serviceSid);
    return true;
  }

  /**
   * To be online takes no read model: where that is too far behind to begin from, a client is let in all the same,
   * and told how its Service stands once that is known.
   */
  async #joinLater(client: StreamClient, session: SessionHandle): Promise<void> {
    do {
      await delay(JOIN_AGAIN_MS, undefined, { ref: false });
      if (client.session !== session) return;
    } while (!(await this.#join(client, session)));
    const service = this.#context.hub.serviceFacts(session.serviceSid);
    if (service !== null) client.serviceChanged(service);
  }
}
