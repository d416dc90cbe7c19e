import { userInfo } from 'node:os';

/** Returns the name of the user that runs this process; its number where the system has no name for it. */
export function operatingSystemUser(
  lookUp: () => { readonly username: string } = userInfo,
  uid: number | undefined = process.getuid?.(),
): string {
  try {
    return lookUp().username;
  } catch {
    // A container may run as a number that its password file does not have.
    return uid === undefined ? 'unknown' : `uid ${uid}`;
  }
}
