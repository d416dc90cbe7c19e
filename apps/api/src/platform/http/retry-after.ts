/**
 * Seconds after which a client may try again when the service is not available, at the earliest. An outage may end at
 * any time, and a refused request costs little.
 */
export const RETRY_AFTER_SECONDS = 1;
