/** Stream of one aggregate: its category, a dash, its key. */
export const serviceStream = (serviceSid: string): string => `service-${serviceSid}`;
export const userStream = (userSid: string): string => `user-${userSid}`;
export const nodeStream = (nodeId: string): string => `node-${nodeId}`;

/** Prefixes of every stream that belongs to the log; what stands outside (snapshots, system) has others. */
export const STREAM_PREFIXES = ['service-', 'user-', 'node-'] as const;
