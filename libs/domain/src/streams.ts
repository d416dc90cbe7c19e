/** A stream holds one aggregate. Its name is the category, a dash, and the key. */
export const serviceStream = (serviceSid: string): string => `service-${serviceSid}`;
export const userStream = (userSid: string): string => `user-${userSid}`;
export const nodeStream = (nodeId: string): string => `node-${nodeId}`;

/** Prefixes of every stream of the log. Snapshot and system streams have other prefixes. */
export const STREAM_PREFIXES = ['service-', 'user-', 'node-'] as const;
