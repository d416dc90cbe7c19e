import { createHash } from 'node:crypto';

/** Namespace of every UUIDv5. It never changes: sids and event ids derive from it. */
const NAMESPACE = Buffer.from('7b0c1f5e2a524d1c9f0e6f3a4c8d2b10', 'hex');

/** Twilio's sid prefixes, and ours: `CN` of Connections and `JB` of jobs. */
type SidPrefix = 'AC' | 'SK' | 'IS' | 'US' | 'CN' | 'BS' | 'RL' | 'JB';

/** Returns the UUIDv5 (RFC 9562, SHA-1) of `name` in this product's namespace: 36 characters with dashes. */
export function uuidV5(name: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(name, 'utf8').digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Returns `prefix` and the 32 hex digits of the UUIDv5 of `name`. */
export function deriveSid(prefix: SidPrefix, name: string): string {
  return prefix + uuidV5(`${prefix}:${name}`).replaceAll('-', '');
}

/** True for `prefix` followed by 32 lower- or upper-case hex digits. */
export function isSid(prefix: SidPrefix, value: string): boolean {
  return value.length === 34 && value.startsWith(prefix) && /^[0-9a-f]{32}$/i.test(value.slice(2));
}

/** Sid of a User. It derives from the identity, so that a command finds its stream without a look-up. */
export function userSid(serviceSid: string, identity: string): string {
  return deriveSid('US', `${serviceSid}/${identity}`);
}

/** Sid of a User that a path or a body names by sid or identity. */
export function resolveUserSid(serviceSid: string, sidOrIdentity: string): string {
  return isSid('US', sidOrIdentity) ? sidOrIdentity : userSid(serviceSid, sidOrIdentity);
}

/**
 * Sid of a push registration. It derives from User, type and address, so a client that registers at every start does
 * not create Binding after Binding.
 */
export function bindingSid(userSid: string, bindingType: string, address: string): string {
  return deriveSid('BS', `${userSid}/${bindingType}/${address}`);
}

/** Sids of the three default Roles of a Service. Twilio creates these Roles; here they derive from the Service. */
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
