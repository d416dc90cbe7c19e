import type { CloseReason } from '../sockets/close-codes.ts';

/** A status as frames carry it. Twilio's SDKs go by the code. */
interface Status {
  readonly code: number;
  readonly status: string;
}

/**
 * What a `close` frame says. To Twilio's SDKs 410 means that the token has expired, 401 not to come back,
 * 406 that they speak no Twilsock, and every other code to connect again.
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
