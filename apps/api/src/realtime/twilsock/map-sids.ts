import { isSid, uuidV5 } from '#domain';

/** 32 hex digits after a prefix of two letters. */
const PREFIX_LENGTH = 2;

/** The Sync map that shows a User. Its digits are those of the User, so that either tells the other. */
export function userMapSid(userSid: string): string {
  return `MP${userSid.slice(PREFIX_LENGTH)}`;
}

/** The User that a map would show; null where the text is no map's sid. */
export function userOfMap(mapSid: string): string | null {
  const userSid = `US${mapSid.slice(PREFIX_LENGTH)}`;
  return mapSid.startsWith('MP') && isSid('US', userSid) ? userSid : null;
}

/** The Sync map of a User's conversations. There are none here, and the map stays empty. */
export function conversationsMapSid(userSid: string): string {
  return `MP${uuidV5(`${userSid}/conversations`).replaceAll('-', '')}`;
}
