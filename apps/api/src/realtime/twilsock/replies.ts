import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { DomainError } from '#domain';
import { CLOSE, type CloseReason } from '../sockets/close-codes.ts';
import { NotServingError } from '../sessions/not-serving-error.ts';
import { TooManyConnectionsError } from '../sessions/too-many-connections-error.ts';
import { TokenError } from '../../platform/access-tokens/token-error.ts';
import { CLOSE_STATUS } from './close-status.ts';
import { encodeMessage } from './frame.ts';
import type { TunnelAnswer } from './tunnel/tunnel-request.ts';

const OK = { code: 200, status: 'OK' };

/** Why a client is not let in, or its new token not taken. */
export interface Refusal {
  readonly code: number;
  readonly status: string;
  /** Twilio's number for what is wrong. */
  readonly errorCode: number;
  readonly description: string;
  /** What the socket of a client is closed with that was not let in. */
  readonly close: number;
  /** Milliseconds to wait before the next attempt. */
  readonly reconnectMs?: number;
}

export function okReply(id: string, fields: object = {}): Buffer {
  return encodeMessage({ method: 'reply', id, status: OK, ...fields });
}

export function refusalReply(
  id: string,
  { code, status, errorCode, description, reconnectMs }: Refusal,
): Buffer {
  return encodeMessage(
    { method: 'reply', id, status: { code, status, errorCode, description } },
    reconnectMs === undefined ? undefined : backOff(reconnectMs),
  );
}

/** The answer to a tunnelled request. */
export function tunnelReply(id: string, { status, body }: TunnelAnswer): Buffer {
  const httpStatus = { code: status, status: STATUS_CODES[status] ?? '' };
  const header = { method: 'reply', id, status: OK, http_status: httpStatus, http_headers: {} };
  return encodeMessage(header, body ?? undefined);
}

/** @param reconnectMs milliseconds to wait before connecting again */
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

export const REFUSALS = {
  noService: {
    code: 403,
    status: 'FORBIDDEN',
    errorCode: 50050,
    description: 'Service not found',
    close: CLOSE.noService,
  },
  notYours: {
    code: 403,
    status: 'FORBIDDEN',
    errorCode: 20106,
    description: 'The token is not of the same identity and Service',
    close: CLOSE.token,
  },
  tooMany: {
    code: 429,
    status: 'TOO_MANY_REQUESTS',
    errorCode: 20429,
    description: 'Too many connections of this User',
    close: CLOSE.tooMany,
    reconnectMs: 10_000,
  },
  unavailable: {
    code: 503,
    status: 'SERVICE_UNAVAILABLE',
    errorCode: 20503,
    description: 'Try again later',
    close: CLOSE.restart,
  },
} as const satisfies Readonly<Record<string, Refusal>>;

/** What to answer to a token, or to the wish to connect; null for what is our own failure. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof TokenError) {
    const { code: errorCode, message: description } = error;
    return { code: 401, status: 'UNAUTHORIZED', errorCode, description, close: CLOSE.token };
  }
  if (error instanceof TooManyConnectionsError) return REFUSALS.tooMany;
  if (error instanceof DomainError && error.code === 'SERVICE.NOT_FOUND') {
    return REFUSALS.noService;
  }
  return error instanceof NotServingError ? REFUSALS.unavailable : null;
}

function backOff(reconnectMs: number): object {
  return { backoff_policy: { reconnect_min_ms: reconnectMs } };
}

function messageId(): string {
  return `TM${randomUUID()}`;
}
