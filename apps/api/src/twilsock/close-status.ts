import type { EndReason } from '../realtime/client.ts';
import { CLOSE } from '../realtime/close-codes.ts';

/** A status as frames carry it. Twilio's SDKs go by the code. */
export interface Status {
  readonly code: number;
  readonly status: string;
}

/**
 * What a `close` frame says. To Twilio's SDKs 410 means that the token has expired, 401 not to come back,
 * 406 that they speak no Twilsock, and every other code to connect again.
 */
export const CLOSE_STATUS = {
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
} as const satisfies Readonly<Record<EndReason, Status>> & Readonly<Record<string, Status>>;

export type CloseReason = keyof typeof CLOSE_STATUS;

/** The codes that sockets are closed with: those of `/stream`. */
export const CLOSE_CODES: Readonly<Record<CloseReason, number>> = {
  'fell silent': CLOSE.failed,
  'token expired': CLOSE.token,
  'taken over': CLOSE.takenOver,
  'user deleted': CLOSE.removed,
  'connection closed': CLOSE.closedElsewhere,
  'node lost': CLOSE.restart,
  'node stops': CLOSE.restart,
  'reads too slowly': CLOSE.slow,
  'too many requests': CLOSE.tooMany,
  'bad frame': CLOSE.protocol,
  'says nothing': CLOSE.protocol,
};
