import type { Logger } from '@nestjs/common';
import { DomainError } from '#domain';
import { TokenError } from '../../platform/access-tokens/token-error.ts';
import { CLOSE } from '../sockets/close-codes.ts';
import { closeSocket } from '../sockets/close-socket.ts';
import type { GatewaySocket } from '../sockets/gateway-socket.ts';
import { NotServingError } from '../sessions/not-serving-error.ts';
import { TooManyConnectionsError } from '../sessions/too-many-connections-error.ts';
import type { FrameErrorCode, ServerFrame } from './server-frames.ts';
import { GATEWAY, type StreamContext } from './stream-context.ts';

/** What a client is told whose Connection does not come about, and the code that its socket is closed with. */
interface Refusal {
  readonly code: FrameErrorCode | number;
  readonly message: string;
  readonly close: number;
}

/** Tells a client why it is not let in, and closes its socket. */
export function rejectHandshake(
  { refused }: Pick<StreamContext, 'refused'>,
  socket: GatewaySocket,
  error: unknown,
  logger: Logger,
): void {
  const { code, message, close } = refusalOf(error);
  if (close === CLOSE.failed) logger.error(`A Connection could not be opened: ${String(error)}`);
  refused.inc({ gateway: GATEWAY, code });
  if (socket.readyState !== socket.OPEN) return;
  const frame: ServerFrame = { type: 'error', code, message };
  socket.send(JSON.stringify(frame));
  closeSocket(socket, close, message);
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof TokenError) {
    return { code: error.code, message: error.message, close: CLOSE.token };
  }
  if (error instanceof TooManyConnectionsError) {
    return { code: 'too_many_connections', message: error.message, close: CLOSE.tooMany };
  }
  if (error instanceof DomainError && error.code === 'SERVICE.NOT_FOUND') {
    return { code: 'no_service', message: 'There is no such Service', close: CLOSE.noService };
  }
  const close = error instanceof NotServingError ? CLOSE.restart : CLOSE.failed;
  return { code: 'unavailable', message: 'Try again later', close };
}
