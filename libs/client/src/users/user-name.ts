import { ReachabilityError } from '../errors.ts';

/** Most characters of an identity. */
const LONGEST = 512;

/** Whether a User can be called so, by identity or sid. The server closes the connection at anything else. */
export function isUserName(name: unknown): name is string {
  if (typeof name !== 'string' || name === '' || name.length > LONGEST * 2) return false;
  return name.isWellFormed() && !name.includes('\0') && Array.from(name).length <= LONGEST;
}

export function noUserName(name: unknown): ReachabilityError {
  const shown = typeof name === 'string' ? JSON.stringify(name.slice(0, 50)) : typeof name;
  return new ReachabilityError('invalid', `No User can be called ${shown}`);
}

export function isUserSid(name: string): boolean {
  return /^US[0-9a-f]{32}$/.test(name);
}
