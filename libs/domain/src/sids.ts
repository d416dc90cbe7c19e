import { createHash } from 'node:crypto';

/** Namespace of every UUIDv5 made here; fixed for ever, since sids and event ids derive from it. */
const NAMESPACE = Buffer.from('7b0c1f5e2a524d1c9f0e6f3a4c8d2b10', 'hex');

/** Prefixes of the sids that this service hands out, as Twilio uses them (`CN` is ours). */
export type SidPrefix = 'AC' | 'SK' | 'IS' | 'US' | 'CN' | 'BS' | 'RL';

/**
 * Name-based UUID (RFC 9562, version 5, SHA-1) of `name` in this product's namespace,
 * as 36 characters with dashes.
 */
export function uuidV5(name: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(name, 'utf8').digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** A sid: `prefix` and the 32 hex digits of the UUIDv5 of `name`. The same name gives the same sid. */
export function deriveSid(prefix: SidPrefix, name: string): string {
  return prefix + uuidV5(`${prefix}:${name}`).replaceAll('-', '');
}

/** True for `prefix` followed by 32 lower- or upper-case hex digits. */
export function isSid(prefix: SidPrefix, value: string): boolean {
  return value.length === 34 && value.startsWith(prefix) && /^[0-9a-f]{32}$/i.test(value.slice(2));
}

/** Sid of the User with `identity` in a Service: derived, so that a command finds its stream without a look-up. */
export function userSid(serviceSid: string, identity: string): string {
  return deriveSid('US', `${serviceSid}/${identity}`);
}

/** What a User is addressed by in paths and bodies: the sid itself, or the identity it derives from. */
export function resolveUserSid(serviceSid: string, sidOrIdentity: string): string {
  return isSid('US', sidOrIdentity) ? sidOrIdentity : userSid(serviceSid, sidOrIdentity);
}

/**
 * Sid of a push registration. One device address registered twice by one User is one Binding,
 * so a client that registers at every start does not pile them up.
 */
export function bindingSid(userSid: string, bindingType: string, address: string): string {
  return deriveSid('BS', `${userSid}/${bindingType}/${address}`);
}

/** The three Roles a Service is born with. Twilio creates them; here they derive from the Service. */
export function roleSids(serviceSid: string): {
  readonly serviceUser: string;
  readonly channelUser: string;
  readonly channelAdmin: string;
} {
  return {
    serviceUser: deriveSid('RL', `${serviceSid}/service user`),
    channelUser: deriveSid('RL', `${serviceSid}/channel user`),
    channelAdmin: deriveSid('RL', `${serviceSid}/channel admin`),
  };
}
