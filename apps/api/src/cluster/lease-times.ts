/** Milliseconds after its last renewal at which other processes may declare a node lost. */
export const LEASE_MS = 6_000;
/** Milliseconds between two renewals. */
export const RENEW_EVERY_MS = 2_000;
/** A node relies on its lease for this much less than other processes wait, because clocks run at different speeds. */
export const LEASE_MARGIN_MS = 500;
/** Milliseconds between two checks of all leases. */
export const CHECK_INTERVAL_MS = 250;
/**
 * A process that checks this much later than planned was paused, and so may the other nodes have been: it restarts its
 * measurement of all leases.
 */
export const PAUSE_THRESHOLD_MS = 1_000;
/** Milliseconds between two looks for running nodes without a lease. */
export const LEASELESS_CHECK_INTERVAL_MS = 1_000;
/** Such a look that comes this long after the one before starts to measure anew, as a pause of the process does. */
export const LEASELESS_PAUSE_THRESHOLD_MS = 3_000;
