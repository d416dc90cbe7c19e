import { isSid, uuidV5 } from '#domain';

/** A sid is a prefix of two letters and 32 hex digits. */
const PREFIX_LENGTH = 2;

/** Returns the sid of a User's Sync map: the digits of the User's sid, so that each follows from the other. */
export function userMapSid(userSid: string): string {
  return `MP${userSid.slice(PREFIX_LENGTH)}`;
}

/** Returns the sid of the User whose map this would be; null if the text is not a map's sid. */
export function userOfMap(mapSid: string): string | null {
  const userSid = `US${mapSid.slice(PREFIX_LENGTH)}`;
  return mapSid.startsWith('MP') && isSid('US', userSid) ? userSid : null;
}

/** Returns the sid of the Sync map of a User's conversations. It is always empty. */
export function conversationsMapSid(userSid: string): string {
  return `MP${uuidV5(`${userSid}/conversations`).replaceAll('-', '')}`;
}
