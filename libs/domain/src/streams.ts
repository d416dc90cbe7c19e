const SERVICE_PREFIX = 'service-';
const USER_PREFIX = 'user-';

/** A stream holds one aggregate. Its name is the category, a dash, and the key. */
export const serviceStream = (serviceSid: string): string => `${SERVICE_PREFIX}${serviceSid}`;
export const userStream = (userSid: string): string => `${USER_PREFIX}${userSid}`;
export const nodeStream = (nodeId: string): string => `node-${nodeId}`;
export const apiKeyStream = (keySid: string): string => `key-${keySid}`;

/** Prefixes of every stream of the log. Snapshot and system streams have other prefixes. */
export const STREAM_PREFIXES = [SERVICE_PREFIX, USER_PREFIX, 'node-', 'key-'] as const;

export function isServiceStream(stream: string): boolean {
  return stream.startsWith(SERVICE_PREFIX);
}

export function isUserStream(stream: string): boolean {
  return stream.startsWith(USER_PREFIX);
}

/** Sid of the User of a stream for which {@link isUserStream} is true. */
export function userSidOf(stream: string): string {
  return stream.slice(USER_PREFIX.length);
}
