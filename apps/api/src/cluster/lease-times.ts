/** Milliseconds after its last renewal at which others may give a node up. */
export const LEASE_MS = 6_000;
/** Milliseconds between two renewals. */
export const RENEW_EVERY_MS = 2_000;
/** A node counts on its lease for so much less than others wait: clocks do not run alike. */
export const LEASE_MARGIN_MS = 500;
/** Milliseconds between two looks at the leases of others. */
export const LOOK_EVERY_MS = 250;
/** Who looked so much later than planned was stopped itself, as the others may have been: it counts anew. */
export const GAP_MS = 1_000;
