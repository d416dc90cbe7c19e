/** Milliseconds after its last renewal at which other processes may declare a node lost. */
export const LEASE_MS = 6_000;
/** Milliseconds between two renewals. */
export const RENEW_EVERY_MS = 2_000;
/** Milliseconds before a renewal that failed is repeated. */
export const RETRY_RENEWAL_MS = 250;
/** A node renews its lease only after the log has answered it within this time, in milliseconds. */
export const LOG_ANSWER_MS = 2_000;
/** A node relies on its lease for this much less than other processes wait, because clocks run at different speeds. */
export const LEASE_MARGIN_MS = 500;
/** Milliseconds between two checks of all leases. */
export const CHECK_INTERVAL_MS = 250;
/** A check counts only if leases and log have answered within this time, in milliseconds. */
export const CHECK_ANSWER_MS = 1_000;
/**
 * A process that checks later than this after its last check was paused, or could not read leases or log, and so may it
 * have been with the other nodes: it restarts its measurement of all leases.
 */
export const PAUSE_THRESHOLD_MS = CHECK_INTERVAL_MS + CHECK_ANSWER_MS + 250;
/** Milliseconds between two looks for running nodes without a lease. */
export const LEASELESS_CHECK_INTERVAL_MS = 1_000;
/** Such a look that comes this long after the one before starts to measure anew, as a pause of the process does. */
export const LEASELESS_PAUSE_THRESHOLD_MS = 3_000;
