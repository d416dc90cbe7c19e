/** Milliseconds without a change of its record after which the owner of a log counts as dead. */
export const JUDGE_MS = 10_000;
/** Milliseconds between two looks of a process of the owner at the record. */
export const CHECK_INTERVAL_MS = 1_000;
/** Milliseconds between two looks of a process that waits for a sign of life. */
export const WATCH_INTERVAL_MS = 250;
/** Milliseconds of a wait after which it is reported. A living owner answers sooner. */
export const REPORT_WAIT_MS = 3_000;
/** A watcher that looks this much later than the time before was paused, and so may the owner have been: it starts anew. */
export const PAUSE_THRESHOLD_MS = 2_000;
