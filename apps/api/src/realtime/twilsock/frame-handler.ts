import { Injectable, Logger } from '@nestjs/common';
import { AccessTokens } from '../../platform/access-tokens/access-tokens.ts';
import { FrameError, readPayload, type Frame } from './frame.ts';
import type { ClientMessage, Incoming } from './messages.ts';
import { TwilsockHandshake } from './twilsock-handshake.ts';
import {
  okReply,
  refusalOf,
  refusalReply,
  REFUSALS,
  tunnelReply,
  type Refusal,
} from './replies.ts';
import type { Speaker } from './speaker.ts';
import { toTunnelRequest } from './tunnel/tunnel-request.ts';
import { Tunnel } from './tunnel/tunnel.ts';

type Said<Method extends ClientMessage['method']> = Extract<ClientMessage, { method: Method }>;

/** Does what clients say. */
@Injectable()
export class FrameHandler {
  readonly #logger = new Logger(FrameHandler.name);
  readonly #tokens: AccessTokens;
  readonly #opening: TwilsockHandshake;
  readonly #tunnel: Tunnel;

  constructor(tokens: AccessTokens, opening: TwilsockHandshake, tunnel: Tunnel) {
    this.#tokens = tokens;
    this.#opening = opening;
    this.#tunnel = tunnel;
  }

  /** Never rejects: whatever goes wrong is said to the client. */
  async handle(client: Speaker, { message, frame }: Incoming): Promise<void> {
    switch (message.method) {
      case 'init':
        return this.#init(client, message);
      case 'update':
        return this.#update(client, message);
      case 'message':
        return this.#message(client, message, frame);
      case 'notification context':
        client.say(okReply(message.id));
        return;
      case 'close':
        client.bye();
    }
  }

  async #init(client: Speaker, init: Said<'init'>): Promise<void> {
    try {
      const token = await this.#tokens.verify(init.token);
      const admitted = await this.#opening.open(client, token, init.continuationToken);
      client.begin(admitted, init);
    } catch (error) {
      client.refuse(init.id, this.#refusalOf(error));
    }
  }

  async #update(client: Speaker, { id, token }: Said<'update'>): Promise<void> {
    try {
      const accessToken = await this.#tokens.verify(token);
      const renewed = client.admitted?.session.renew(accessToken) ?? false;
      client.say(renewed ? okReply(id) : refusalReply(id, client.counted(REFUSALS.notYours)));
    } catch (error) {
      client.say(refusalReply(id, client.counted(this.#refusalOf(error))));
    }
  }

  async #message(client: Speaker, { id, request }: Said<'message'>, frame: Frame): Promise<void> {
    if (client.admitted === null) return;
    const tunnelled = toTunnelRequest(request, bodyOf(frame));
    const answer = await this.#tunnel.answer(tunnelled, client.admitted);
    client.answer(tunnelReply(id, answer), answer.status);
  }

  #refusalOf(error: unknown): Refusal {
    const refusal = refusalOf(error);
    if (refusal === null) this.#logger.error(`A client could not be served: ${String(error)}`);
    return refusal ?? REFUSALS.unavailable;
  }
}

/** The body of a tunnelled request. One that is no JSON is none: who wanted to read it will say what is missing. */
function bodyOf(frame: Frame): unknown {
  try {
    return readPayload(frame);
  } catch (error) {
    if (error instanceof FrameError) return undefined;
    throw error;
  }
}
