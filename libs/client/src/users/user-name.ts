import { ReachabilityError } from '../errors.ts';

/** Maximum length of an identity in code points. */
const MAX_LENGTH = 512;

/** Whether the name can be an identity or a sid. For any other name the server closes the connection. */
export function isUserName(name: unknown): name is string {
  if (typeof name !== 'string' || name === '' || name.length > MAX_LENGTH * 2) return false;
  return name.isWellFormed() && !name.includes('\0') && Array.from(name).length <= MAX_LENGTH;
}

export function invalidUserName(name: unknown): ReachabilityError {
  const shown = typeof name === 'string' ? JSON.stringify(name.slice(0, 50)) : typeof name;
  return new ReachabilityError('invalid', `Not an identity or sid of a User: ${shown}`);
}

export function isUserSid(name: string): boolean {
  return /^US[0-9a-f]{32}$/.test(name);
}
