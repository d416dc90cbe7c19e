import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { CloseReason } from '../sockets/close-codes.ts';
import { encodeMessage } from './frame.ts';
import type { Rejection } from './rejections.ts';
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
  token_expired: { code: 410, status: 'TOKEN_EXPIRED' },
  key_ended: { code: 410, status: 'API_KEY_ENDED' },
  token_revoked: { code: 401, status: 'TOKEN_REVOKED' },
  taken_over: { code: 409, status: 'TAKEN_OVER' },
  user_deleted: { code: 401, status: 'USER_DELETED' },
  connection_closed: { code: 401, status: 'CONNECTION_CLOSED' },
  node_lost: { code: 308, status: 'NODE_LOST' },
  node_stopping: { code: 308, status: 'OFFLOADED' },
  slow_reader: { code: 408, status: 'READS_TOO_SLOWLY' },
  too_many_requests: { code: 429, status: 'TOO_MANY_REQUESTS' },
  bad_frame: { code: 406, status: 'NOT_ACCEPTABLE' },
  init_timeout: { code: 408, status: 'REQUEST_TIMEOUT' },
};

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
export function tunnelReply(id: string, { status, body, headers = {} }: TunnelAnswer): Buffer {
  const httpStatus = { code: status, status: STATUS_CODES[status] ?? '' };
  const header = {
    method: 'reply',
    id,
    status: OK,
    http_status: httpStatus,
    http_headers: headers,
  };
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

function backOff(reconnectMs: number): object {
  return { backoff_policy: { reconnect_min_ms: reconnectMs } };
}

function messageId(): string {
  return `TM${randomUUID()}`;
}
