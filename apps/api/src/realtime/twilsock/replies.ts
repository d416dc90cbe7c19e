import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { DomainError } from '#domain';
import { CLOSE_CODES, type CloseReason } from '../sockets/close-codes.ts';
import { NotServingError, TooManyConnectionsError } from '../sessions/session-errors.ts';
import { TokenError } from '../../platform/access-tokens/token-error.ts';
import { encodeMessage } from './frame.ts';
import type { TunnelAnswer } from './tunnel/tunnel-request.ts';

const OK = { code: 200, status: 'OK' };

/** A status in a frame. Twilio's SDKs go by the code. */
interface Status {
  readonly code: number;
  readonly status: string;
}

/**
 * Status of a `close` frame for each reason. To Twilio's SDKs, 410 means that the token has expired, 401 not to
 * reconnect, 406 that they do not speak Twilsock, and every other code to reconnect.
 */
export const CLOSE_STATUS: Readonly<Record<CloseReason, Status>> = {
  'fell silent': { code: 408, status: 'REQUEST_TIMEOUT' },
  'token expired': { code: 410, status: 'TOKEN_EXPIRED' },
  'taken over': { code: 409, status: 'TAKEN_OVER' },
  'user deleted': { code: 401, status: 'USER_DELETED' },
  'connection closed': { code: 401, status: 'CONNECTION_CLOSED' },
  'node lost': { code: 308, status: 'NODE_LOST' },
  'node stops': { code: 308, status: 'OFFLOADED' },
  'reads too slowly': { code: 408, status: 'READS_TOO_SLOWLY' },
  'too many requests': { code: 429, status: 'TOO_MANY_REQUESTS' },
  'bad frame': { code: 406, status: 'NOT_ACCEPTABLE' },
  'says nothing': { code: 408, status: 'REQUEST_TIMEOUT' },
};

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

export function okReply(id: string, fields: object = {}): Buffer {
  return encodeMessage({ method: 'reply', id, status: OK, ...fields });
}

export function rejectionReply(
  id: string,
  { code, status, errorCode, description, reconnectMs }: Rejection,
): Buffer {
  return encodeMessage(
    { method: 'reply', id, status: { code, status, errorCode, description } },
    reconnectMs === undefined ? undefined : backOff(reconnectMs),
  );
}

/** Returns the reply to a tunnelled request. */
export function tunnelReply(id: string, { status, body }: TunnelAnswer): Buffer {
  const httpStatus = { code: status, status: STATUS_CODES[status] ?? '' };
  const header = { method: 'reply', id, status: OK, http_status: httpStatus, http_headers: {} };
  return encodeMessage(header, body ?? undefined);
}

/** @param reconnectMs milliseconds that the client has to wait before it reconnects */
export function closeFrame(reason: CloseReason, reconnectMs?: number): Buffer {
  return encodeMessage(
    { method: 'close', id: messageId(), status: CLOSE_STATUS[reason] },
    reconnectMs === undefined ? undefined : backOff(reconnectMs),
  );
}

export function tokenExpiresFrame(): Buffer {
  const update = { client_update_type: 'token_about_to_expire' };
  return encodeMessage({ method: 'client_update', id: messageId(), ...update });
}

export const REJECTIONS = {
  noService: {
    code: 403,
    status: 'FORBIDDEN',
    errorCode: 50050,
    description: 'Service not found',
    close: CLOSE_CODES.noService,
  },
  wrongIdentity: {
    code: 403,
    status: 'FORBIDDEN',
    errorCode: 20106,
    description: 'The token is not of the same identity and Service',
    close: CLOSE_CODES.token,
  },
  tooMany: {
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
} as const satisfies Readonly<Record<string, Rejection>>;

/** Returns the rejection for an error of a token or a connect; null for a failure of the server. */
export function rejectionOf(error: unknown): Rejection | null {
  if (error instanceof TokenError) {
    const { code: errorCode, message: description } = error;
    return { code: 401, status: 'UNAUTHORIZED', errorCode, description, close: CLOSE_CODES.token };
  }
  if (error instanceof TooManyConnectionsError) return REJECTIONS.tooMany;
  if (error instanceof DomainError && error.code === 'SERVICE.NOT_FOUND') {
    return REJECTIONS.noService;
  }
  return error instanceof NotServingError ? REJECTIONS.unavailable : null;
}

function backOff(reconnectMs: number): object {
  return { backoff_policy: { reconnect_min_ms: reconnectMs } };
}

function messageId(): string {
  return `TM${randomUUID()}`;
}
