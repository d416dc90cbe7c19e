import { TokenError } from '../../platform/access-tokens/token-error.ts';
import { LimitExceededError } from '../../platform/limit-exceeded-error.ts';
import { handshakeFailure, type HandshakeFailure } from '../sessions/session-errors.ts';
import { CLOSE_CODES } from '../sockets/close-codes.ts';
import type { FrameErrorCode } from './server-frames.ts';

/** The error that a rejected client is sent, and the code that its socket is closed with. */
export interface Rejection {
  readonly code: FrameErrorCode | number;
  readonly message: string;
  readonly close: number;
  /** Seconds after which the client may try again; absent where it decides itself. */
  readonly retryAfterSeconds?: number;
}

const REJECTIONS: Readonly<Record<HandshakeFailure, Rejection>> = {
  too_many_connections: {
    code: 'too_many_connections',
    message: 'Too many connections of this User',
    close: CLOSE_CODES.tooMany,
  },
  no_service: {
    code: 'no_service',
    message: 'There is no such Service',
    close: CLOSE_CODES.noService,
  },
  unavailable: {
    code: 'unavailable',
    message: 'Try again later',
    close: CLOSE_CODES.restart,
  },
};

/** A client that has shown no token, and sends no `auth` frame either. */
export const AUTH_REJECTIONS = {
  auth_timeout: {
    code: 'auth_timeout',
    message: 'No auth frame within 5 seconds',
    close: CLOSE_CODES.slow,
  },
  bad_frame: {
    code: 'bad_frame',
    message: 'The first frame must be an auth frame',
    close: CLOSE_CODES.protocol,
  },
} as const satisfies Readonly<Record<string, Rejection>>;

export const SERVER_FAILED: Rejection = { ...REJECTIONS.unavailable, close: CLOSE_CODES.failed };

/** Returns the rejection for an error of a handshake; null if the server failed. */
export function rejectionOf(error: unknown): Rejection | null {
  if (error instanceof TokenError) {
    return { code: error.code, message: error.message, close: CLOSE_CODES.token };
  }
  if (error instanceof LimitExceededError) {
    const { code, message, retryAfterSeconds } = error;
    return { code, message, close: CLOSE_CODES.tooMany, retryAfterSeconds };
  }
  const failure = handshakeFailure(error);
  return failure === null ? null : REJECTIONS[failure];
}
