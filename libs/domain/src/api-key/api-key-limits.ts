/** Maximum number of Services that a key can be limited to. */
export const API_KEY_MAX_SERVICES = 100;

/** Longest time for which the old secret of a rotated key remains valid: a week, in seconds. */
export const API_KEY_MAX_OVERLAP_SECONDS = 604_800;
