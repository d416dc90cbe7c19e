import { TokenError } from '../../platform/access-tokens/token-error.ts';
import { LimitExceededError } from '../../platform/limit-exceeded-error.ts';
import { handshakeFailure, type HandshakeFailure } from '../sessions/session-errors.ts';
import { CLOSE_CODES } from '../sockets/close-codes.ts';

/** Why a client, or its new token, is rejected. */
export interface Rejection {
  readonly code: number;
  readonly status: string;
  /** Twilio's error code. */
  readonly errorCode: number;
  readonly description: string;
  /** Code with which the socket of a rejected client is closed. */
  readonly close: number;
  /** Milliseconds to wait before the next attempt. */
  readonly reconnectMs?: number;
}

export const REJECTIONS = {
  no_service: {
    code: 403,
    status: 'FORBIDDEN',
    errorCode: 50050,
    description: 'Service not found',
    close: CLOSE_CODES.noService,
  },
  /** The new token is of another User. */
  wrong_identity: {
    code: 403,
    status: 'FORBIDDEN',
    errorCode: 20106,
    description: 'The token is not of the same identity and Service',
    close: CLOSE_CODES.token,
  },
  too_many_connections: {
    code: 429,
    status: 'TOO_MANY_REQUESTS',
    errorCode: 20429,
    description: 'Too many connections of this User',
    close: CLOSE_CODES.tooMany,
    reconnectMs: 10_000,
  },
  unavailable: {
    code: 503,
    status: 'SERVICE_UNAVAILABLE',
    errorCode: 20503,
    description: 'Try again later',
    close: CLOSE_CODES.restart,
  },
} as const satisfies Readonly<Record<HandshakeFailure | 'wrong_identity', Rejection>>;

/** Returns the rejection for an error of a token or a handshake; null if the server failed. */
export function rejectionOf(error: unknown): Rejection | null {
  if (error instanceof TokenError) {
    const { code: errorCode, message: description } = error;
    return { code: 401, status: 'UNAUTHORIZED', errorCode, description, close: CLOSE_CODES.token };
  }
  if (error instanceof LimitExceededError) {
    const { message: description, retryAfterSeconds } = error;
    return {
      ...REJECTIONS.too_many_connections,
      description,
      reconnectMs: retryAfterSeconds * 1_000,
    };
  }
  const failure = handshakeFailure(error);
  return failure === null ? null : REJECTIONS[failure];
}
